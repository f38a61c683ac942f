//! The rendered chart as processes of this machine: each container with exactly its arguments, variables and probes. In place of a cluster
//! stand a folder for each volume, a port of this machine for each port, and Services that hand connections on to whoever is ready.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use dudao_platform::rpc::probe;
use dudao_platform::testing::certificates::Authority;
use serde_json::Value;
use tokio::runtime::Handle;

/// What a release of roles apart consists of.
pub const ROLES: [&str; 5] = [
    "registry",
    "inspection",
    "accountability",
    "scheduler",
    "console",
];
/// The namespace of the rendered release.
const NAMESPACE: &str = "prod";
/// How long a container may take to start or to become ready.
const PATIENCE: Duration = Duration::from_secs(60);

/// What tests/chart.py tells.
pub fn chart(args: &[&str]) -> Value {
    #[expect(clippy::disallowed_methods, reason = "a test has no flags")]
    let home = std::env::var("HOME").expect("a home");
    let interpreter = Path::new(&home).join(".cache/dudao/chart/bin/python");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/chart.py");
    let told = Command::new(interpreter).arg(script).args(args).output();
    let told = told.expect("make test installs what checks the chart");
    assert!(
        told.status.success(),
        "chart.py {args:?}: {}",
        super::text(&told.stderr)
    );
    serde_json::from_slice(&told.stdout).expect("JSON")
}

/// A port that is handed on to whoever is ready, in turns.
pub struct Service {
    /// The port on this machine.
    pub port: u16,
    ready: Arc<Mutex<Vec<SocketAddr>>>,
}

impl Service {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let ready: Arc<Mutex<Vec<SocketAddr>>> = Arc::default();
        let turns = AtomicUsize::new(0);
        let known = Arc::clone(&ready);
        // It ends with the process.
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let turn = turns.fetch_add(1, Ordering::Relaxed);
                let pods = known.lock().expect("the ready").clone();
                // Nobody is ready: the connection is closed.
                if let Some(pod) = pods.get(turn % pods.len().max(1))
                    && let Ok(server) = TcpStream::connect(pod)
                {
                    join(&client, &server).expect("two sockets");
                }
            }
        });
        Self { port, ready }
    }

    fn admit(&self, pod: SocketAddr) {
        self.ready.lock().expect("the ready").push(pod);
    }

    fn dismiss(&self, pod: SocketAddr) {
        self.ready
            .lock()
            .expect("the ready")
            .retain(|one| *one != pod);
    }
}

/// Hands bytes on in both directions until one side ends.
fn join(client: &TcpStream, server: &TcpStream) -> io::Result<()> {
    for (from, to) in [(client, server), (server, client)] {
        to.set_nodelay(true)?;
        let (mut from, mut to) = (from.try_clone()?, to.try_clone()?);
        std::thread::spawn(move || {
            drop(io::copy(&mut from, &mut to));
            for end in [from, to] {
                drop(end.shutdown(Shutdown::Both));
            }
        });
    }
    Ok(())
}

/// A container that runs. Dropped, it is killed.
pub struct Pod {
    process: Child,
    container: Value,
    grace: Duration,
    /// The ports of this machine by those of the container.
    ports: HashMap<u64, SocketAddr>,
    /// Where it writes what it tells.
    pub log: PathBuf,
}

impl Pod {
    /// Where a port of the container is.
    pub fn at(&self, port: u64) -> SocketAddr {
        self.ports[&port]
    }

    /// Whether a probe of the container succeeds now.
    fn passes(&self, kind: &str) -> bool {
        let asked = &self.container[kind]["grpc"];
        let address = self.at(asked["port"].as_u64().expect("a port of the probe"));
        let service = asked["service"].as_str().unwrap_or_default();
        Handle::current().block_on(probe(address, service)).is_ok()
    }

    /// Waits until a probe succeeds.
    fn await_probe(&mut self, kind: &str) {
        let since = Instant::now();
        while !self.passes(kind) {
            let ended = self.process.try_wait().expect("its state");
            assert!(
                ended.is_none() && since.elapsed() < PATIENCE,
                "{kind} fails, {ended:?}: {}",
                self.told()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What it has told.
    pub fn told(&self) -> String {
        fs::read_to_string(&self.log).expect("its log")
    }

    /// Waits for its end.
    pub fn wait(mut self) -> (ExitStatus, String) {
        let status = self.process.wait().expect("it ends");
        (status, self.told())
    }

    /// Asks it to end as Kubernetes does: a signal, and a grace.
    fn terminate(mut self) {
        let pid = self.process.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(sent.is_ok_and(|sent| sent.success()));
        let since = Instant::now();
        let status = loop {
            if let Some(status) = self.process.try_wait().expect("its state") {
                break status;
            }
            assert!(
                since.elapsed() < self.grace,
                "it does not end by itself: {}",
                self.told()
            );
            std::thread::sleep(Duration::from_millis(50));
        };
        assert!(status.success(), "it ends with {status}: {}", self.told());
    }
}

impl Drop for Pod {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The release on this machine.
pub struct Cluster {
    folder: PathBuf,
    manifests: Vec<Value>,
    services: HashMap<String, HashMap<u64, Service>>,
    pods: HashMap<String, Vec<Pod>>,
    started: usize,
}

impl Cluster {
    /// Makes what a cluster's operator makes: the Secrets that the values name, a certificate for each role, a volume.
    pub fn new(folder: &Path, manifests: Value, database_url: &str, keys: &Path) -> Self {
        let Value::Array(manifests) = manifests else {
            panic!("manifests are a list");
        };
        let mut cluster = Self {
            folder: folder.to_owned(),
            manifests,
            services: HashMap::new(),
            pods: HashMap::new(),
            started: 0,
        };
        let secrets = folder.join("secret");
        let database = secrets.join("dudao-database");
        fs::create_dir_all(&database).expect("a folder");
        fs::write(database.join("url"), database_url).expect("a secret");
        copy_all(keys, &secrets.join("dudao-keys"));
        fs::create_dir_all(folder.join("logs")).expect("a folder");
        fs::create_dir_all(folder.join("authority")).expect("a folder");
        let authority = Authority::new(&folder.join("authority"));
        for one in cluster.of("Certificate") {
            let names = one["spec"]["dnsNames"].as_array().expect("names");
            let names = names.iter().filter_map(Value::as_str);
            let names: Vec<_> = names.chain(["127.0.0.1"]).collect();
            let secret = one["spec"]["secretName"].as_str().expect("a name");
            let files = authority.certify(secret, &names);
            let made = secrets.join(secret);
            fs::create_dir_all(&made).expect("a folder");
            for (file, name) in [
                (files.cert, "tls.crt"),
                (files.key, "tls.key"),
                (files.ca, "ca.crt"),
            ] {
                fs::copy(file.expect("a file"), made.join(name)).expect("a secret");
            }
        }
        for one in cluster.of("ConfigMap") {
            let made = folder.join("configMap").join(name(one));
            fs::create_dir_all(&made).expect("a folder");
            for (file, text) in one["data"].as_object().into_iter().flatten() {
                fs::write(made.join(file), text.as_str().unwrap_or_default()).expect("a file");
            }
        }
        let services: Vec<_> = cluster.of("Service").cloned().collect();
        for one in services {
            let ports = one["spec"]["ports"].as_array().expect("ports");
            let ports = ports.iter().filter_map(|port| port["port"].as_u64());
            let opened = ports.map(|port| (port, Service::open())).collect();
            cluster.services.insert(name(&one).to_owned(), opened);
        }
        cluster
    }

    fn of(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.manifests.iter().filter(move |one| one["kind"] == kind)
    }

    fn deployment(&self, role: &str) -> &Value {
        let component =
            |one: &Value| one["metadata"]["labels"]["app.kubernetes.io/component"] == role;
        let found = self.of("Deployment").find(|one| component(one));
        found.expect("the role is in the chart")
    }

    /// The pod template of a role.
    pub fn template(&self, role: &str) -> Value {
        self.deployment(role)["spec"]["template"].clone()
    }

    /// The authority of the certificates.
    pub fn authority(&self) -> PathBuf {
        self.folder.join("authority/ca.pem")
    }

    /// Where a port of a role's Service is on this machine.
    pub fn address(&self, role: &str, port: u64) -> String {
        let service = &self.services[name(self.deployment(role))];
        format!("https://127.0.0.1:{}", service[&port].port)
    }

    /// Every pod that runs.
    pub fn pods(&self) -> impl Iterator<Item = (&str, &Pod)> {
        let all = self.pods.iter();
        all.flat_map(|(role, pods)| pods.iter().map(|pod| (role.as_str(), pod)))
    }

    /// What every process has told, those too that run no more.
    pub fn logs(&self) -> String {
        let folder = fs::read_dir(self.folder.join("logs")).expect("logs");
        let texts = folder.map(|file| fs::read_to_string(file.expect("a log").path()));
        texts.map(|text| text.expect("a log")).collect()
    }

    /// Runs the release's Job to its end.
    pub fn migrate(&mut self) {
        let job = self.of("Job").next().expect("a migration").clone();
        let (status, told) = self.start(&job["spec"]["template"]).wait();
        assert!(status.success(), "the migration ends with {status}: {told}");
    }

    /// Starts all replicas of a role, and waits until they are ready.
    pub fn scale_up(&mut self, role: &str) {
        let wanted = self.deployment(role)["spec"]["replicas"].as_u64();
        for _ in 0..wanted.expect("replicas") {
            self.begin(role);
        }
        let mut pods = self.pods.remove(role).unwrap_or_default();
        for pod in &mut pods {
            self.await_ready(role, pod);
        }
        self.pods.insert(role.to_owned(), pods);
    }

    fn begin(&mut self, role: &str) {
        let pod = self.start(&self.template(role));
        self.pods.entry(role.to_owned()).or_default().push(pod);
    }

    fn await_ready(&self, role: &str, pod: &mut Pod) {
        for kind in ["startupProbe", "readinessProbe", "livenessProbe"] {
            pod.await_probe(kind);
        }
        for (port, service) in &self.services[name(self.deployment(role))] {
            service.admit(pod.at(*port));
        }
    }

    /// Kills a replica of a role without any warning; another takes its place.
    pub fn kill(&mut self, role: &str) {
        let mut victim = self.pods.get_mut(role).expect("the role runs").remove(0);
        victim.process.kill().expect("it can be killed");
        // Its Service still sends it calls for a moment.
        std::thread::sleep(Duration::from_millis(50));
        drop(self.taken_out(victim));
        self.replace(role);
    }

    /// A pod that gets no new connections.
    fn taken_out(&self, victim: Pod) -> Pod {
        for services in self.services.values() {
            for (port, service) in services {
                if let Some(address) = victim.ports.get(port) {
                    service.dismiss(*address);
                }
            }
        }
        victim
    }

    fn replace(&mut self, role: &str) {
        self.begin(role);
        let mut pods = self.pods.remove(role).unwrap_or_default();
        if let Some(pod) = pods.last_mut() {
            self.await_ready(role, pod);
        }
        self.pods.insert(role.to_owned(), pods);
    }

    /// Puts new processes in place of those of a role, one after the other, as a Deployment does.
    pub fn roll(&mut self, role: &str) {
        for _ in 0..self.pods[role].len() {
            self.replace(role);
            let old = self.pods.get_mut(role).expect("the role runs").remove(0);
            self.taken_out(old).terminate();
        }
    }

    /// Starts a container as its pod says.
    pub fn start(&mut self, template: &Value) -> Pod {
        self.started += 1;
        let container = template["spec"]["containers"][0].clone();
        let free = || {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            listener.local_addr().expect("its address")
        };
        let ports = container["ports"].as_array().into_iter().flatten();
        let ports = ports.filter_map(|port| port["containerPort"].as_u64());
        let ports: HashMap<_, _> = ports.map(|port| (port, free())).collect();
        let mounts = self.mounts(template, &container);
        let log = self.folder.join("logs").join(self.started.to_string());
        let told = fs::File::create(&log).expect("a log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_dudao"));
        let args = container["args"].as_array().expect("arguments").iter();
        command
            .args(args.map(|arg| arg.as_str().expect("a word")))
            .env_clear()
            .stdout(told.try_clone().expect("a log"))
            .stderr(told)
            .stdin(Stdio::null());
        for one in container["env"].as_array().into_iter().flatten() {
            let name = one["name"].as_str().expect("a name");
            command.env(name, self.value(one, &ports, &mounts));
        }
        let grace = &template["spec"]["terminationGracePeriodSeconds"];
        Pod {
            process: command.spawn().expect("the binary runs"),
            container,
            grace: Duration::from_secs(grace.as_u64().unwrap_or(30)),
            ports,
            log,
        }
    }

    /// The folder of this machine for each place of the container where something is mounted.
    fn mounts(&self, template: &Value, container: &Value) -> Vec<(String, PathBuf)> {
        let volumes = template["spec"]["volumes"].as_array();
        let volume = |name: &Value| {
            let found = volumes.and_then(|all| all.iter().find(|one| &one["name"] == name));
            found.unwrap_or_else(|| panic!("no volume {name}"))
        };
        let mounts = container["volumeMounts"].as_array().into_iter().flatten();
        let mounts = mounts.map(|mount| {
            let volume = volume(&mount["name"]);
            let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let folder = if volume["secret"].is_object() {
                let made = self
                    .folder
                    .join("secret")
                    .join(word(&volume["secret"]["secretName"]));
                assert!(made.is_dir(), "nobody has made {}", made.display());
                made
            } else if volume["configMap"].is_object() {
                self.folder
                    .join("configMap")
                    .join(word(&volume["configMap"]["name"]))
            } else if volume["persistentVolumeClaim"].is_object() {
                let claim = word(&volume["persistentVolumeClaim"]["claimName"]);
                self.folder.join("claim").join(claim)
            } else {
                let own = self.folder.join("empty").join(self.started.to_string());
                own.join(word(&mount["name"]))
            };
            fs::create_dir_all(&folder).expect("a folder");
            (word(&mount["mountPath"]), folder)
        });
        mounts.collect()
    }

    /// A variable as it is on this machine: addresses, and paths below what is mounted.
    fn value(
        &self,
        one: &Value,
        ports: &HashMap<u64, SocketAddr>,
        mounts: &[(String, PathBuf)],
    ) -> String {
        let Some(value) = one["value"].as_str() else {
            let from = &one["valueFrom"]["secretKeyRef"];
            let secret = from["name"].as_str().unwrap_or_default();
            let key = from["key"].as_str().unwrap_or_default();
            let file = self.folder.join("secret").join(secret).join(key);
            return fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        };
        if let Some(port) = value.strip_prefix("0.0.0.0:") {
            // A role that has no such port listens nowhere.
            let port = ports.get(&port.parse().expect("a port"));
            return port.map_or_else(|| value.to_owned(), ToString::to_string);
        }
        let service = value.strip_prefix("https://").and_then(|rest| {
            let (host, port) = rest.split_once(':')?;
            let service = host.strip_suffix(&format!(".{NAMESPACE}.svc"))?;
            self.services.get(service)?.get(&port.parse().ok()?)
        });
        if let Some(service) = service {
            return format!("https://127.0.0.1:{}", service.port);
        }
        let mounted = mounts.iter().find_map(|(place, folder)| {
            let rest = Path::new(value).strip_prefix(place).ok()?;
            Some(folder.join(rest).display().to_string())
        });
        mounted.unwrap_or_else(|| value.to_owned())
    }
}

fn name(one: &Value) -> &str {
    one["metadata"]["name"].as_str().expect("a name")
}

fn copy_all(from: &Path, into: &Path) {
    fs::create_dir_all(into).expect("a folder");
    for file in fs::read_dir(from).expect("a folder") {
        let file = file.expect("a file").path();
        let name = file.file_name().expect("a name");
        fs::copy(&file, into.join(name)).expect("a copy");
    }
}
