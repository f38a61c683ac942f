#!/usr/bin/env python3
"""A provincial platform that joins in: signs in, lists, follows and checks events, hands a directive down.

Everything it knows of dudao are the protos: stubs are generated from them at start.
"""

import argparse
import hashlib
import importlib
import importlib.resources
import json
import struct
import sys
import tempfile
import time
from pathlib import Path

import grpc
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from google.rpc import error_details_pb2, status_pb2
from grpc_tools import protoc

PROTO = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds without a server, after which a follower gives up


def stubs(folder: Path) -> None:
    """Generates the stubs of every proto and makes them importable."""
    folder.mkdir(parents=True, exist_ok=True)
    protos = sorted(str(path) for path in (PROTO / "dudao").rglob("*.proto"))
    well_known = importlib.resources.files("grpc_tools") / "_proto"
    args = ["protoc", f"-I{PROTO}", f"-I{well_known}", f"--python_out={folder}", f"--grpc_python_out={folder}"]
    if protoc.main(args + protos) != 0:
        sys.exit("the protos could not be compiled")
    sys.path.insert(0, str(folder))


def of(package: str, file: str):
    """The messages and the clients of a proto: `of("registry", "school")`."""
    module = f"dudao.{package}.v1.{file}"
    return importlib.import_module(f"{module}_pb2"), importlib.import_module(f"{module}_pb2_grpc")


class Dudao:
    """A connection to a server, and who we are to it."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.metadata: list[tuple[str, str]] = []
        self.connect()
        if args.token_file:
            self.metadata = [("authorization", f"Bearer {Path(args.token_file).read_text().strip()}")]
        elif args.login_code:
            pb, rpc = of("auth", "sign_in")
            token = rpc.SignInServiceStub(self.channel).RedeemLoginCode(pb.RedeemLoginCodeRequest(code=args.login_code))
            self.metadata = [("authorization", f"Bearer {token.access_token}")]
        pb, rpc = of("auth", "sign_in")
        self.caller = self.call(rpc.SignInServiceStub, "GetCaller", pb.GetCallerRequest())
        print(f"signed in as {self.caller.subject or 'nobody'}, counties {self.caller.county_prefix or '*'}")

    def connect(self) -> None:
        if self.args.ca:
            authority = grpc.ssl_channel_credentials(Path(self.args.ca).read_bytes())
            self.channel = grpc.secure_channel(self.args.server, authority)
        else:
            self.channel = grpc.insecure_channel(self.args.server)

    def call(self, stub, method: str, request):
        """One call; waits for a server that is just starting."""
        return getattr(stub(self.channel), method)(request, metadata=self.metadata, timeout=30, wait_for_ready=True)

    def stream(self, stub, method: str, request):
        return getattr(stub(self.channel), method)(request, metadata=self.metadata)


def schools(dudao: Dudao) -> None:
    """Lists the schools of every county in reach, a page at a time."""
    pb, rpc = of("registry", "school")
    token, pages, names = "", 0, []
    while True:
        request = pb.ListSchoolsRequest(parent=dudao.args.parent, page_size=dudao.args.page_size, page_token=token)
        page = dudao.call(rpc.SchoolServiceStub, "ListSchools", request)
        names += [school.name for school in page.schools]
        pages += 1
        token = page.next_page_token
        if not token:
            break
    if len(set(names)) != len(names) or names != sorted(names):
        sys.exit("a school came twice, or out of order")
    print(f"listed {len(names)} schools in {pages} pages")


def put(part: bytes) -> bytes:
    return struct.pack(">Q", len(part)) + part


def micros(instant) -> int:
    return instant.seconds * 1_000_000 + instant.nanos // 1_000


def digest(event) -> bytes:
    """The hash that an event must carry; see the contract's README."""
    texts = [event.id, event.kind, event.resource, event.county, event.actor]
    texts += [event.on_behalf_of, event.method, event.request_id]
    said = b"dudao.event.v2\n" + struct.pack(">q", event.sequence)
    said += b"".join(put(text.encode()) for text in texts) + struct.pack(">q", micros(event.time))
    said += put(event.payload.type_url.encode()) + put(event.payload.value)
    said += put(event.before.type_url.encode()) + put(event.before.value) + put(event.previous_hash)
    return hashlib.sha256(said).digest()


def county_link(before: bytes, event_hash: bytes) -> bytes:
    return hashlib.sha256(b"dudao.county.v1\n" + before + event_hash).digest()


class Follower:
    """What a consumer keeps: the cursor, the ends of the counties' chains, and what it has seen, in one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        kept = json.loads(path.read_text()) if path.exists() else {"cursor": "", "seen": 0, "last": "", "chains": {}}
        self.cursor, self.seen, self.last, self.chains = kept["cursor"], kept["seen"], kept["last"], kept["chains"]

    def keep(self) -> None:
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps({name: value for name, value in vars(self).items() if name != "path"}))
        new.replace(self.path)

    def take(self, event) -> None:
        """Handles an event once: refuses one that was changed, or before which something is missing."""
        if event.id == self.last:
            return
        sequence, end = self.chains.get(event.county, (0, bytes(32).hex()))
        whole = event.hash == digest(event) and event.county_hash == county_link(bytes.fromhex(end), event.hash)
        if not whole or event.county_sequence != sequence + 1:
            sys.exit(f"event {event.sequence} was changed, or something before it was withheld")
        self.chains[event.county] = (event.county_sequence, event.county_hash.hex())
        self.cursor, self.last, self.seen = event.cursor, event.id, self.seen + 1
        self.keep()


def follow(dudao: Dudao) -> None:
    """Follows the registry's events until so many were seen, across restarts of the server."""
    pb, rpc = of("event", "event")[0], of("registry", "events")[1]
    follower = Follower(Path(dudao.args.cursor_file))
    heard, breaks = time.monotonic(), 0
    while follower.seen < dudao.args.until_events:
        try:
            request = pb.WatchEventsRequest(cursor=follower.cursor)
            for answer in dudao.stream(rpc.RegistryEventServiceStub, "WatchEvents", request):
                heard = time.monotonic()
                if answer.WhichOneof("item") == "event":
                    follower.take(answer.event)
                else:
                    follower.cursor = answer.checkpoint
                    follower.keep()
                if follower.seen >= dudao.args.until_events:
                    break
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNAVAILABLE or time.monotonic() - heard > PATIENCE:
                raise
            breaks += 1
            time.sleep(0.3)
            dudao.channel.close()
            dudao.connect()
    print(f"followed {follower.seen} events, {breaks} breaks, {len(follower.chains)} counties' chains whole")
    check_heads(dudao, follower)


def check_heads(dudao: Dudao, follower: Follower) -> None:
    """The signed end of each chain that was followed to its end is what was seen."""
    pb, rpc = of("event", "event")[0], of("registry", "events")[1]
    sign_in, sign_in_rpc = of("auth", "sign_in")
    keys = dudao.call(sign_in_rpc.SignInServiceStub, "ListKeys", sign_in.ListKeysRequest()).keys
    public = {key.key_id: Ed25519PublicKey.from_public_bytes(key.public_key) for key in keys}
    for county, (sequence, end) in follower.chains.items():
        request = pb.GetEventHeadRequest(parent=f"counties/{county}")
        head = dudao.call(rpc.RegistryEventServiceStub, "GetEventHead", request)
        said = b"dudao.head.v1\n" + put(head.service.encode()) + put(head.county.encode())
        said += struct.pack(">q", head.sequence) + put(head.hash) + struct.pack(">q", micros(head.sign_time))
        try:
            public[head.key_id].verify(head.signature, said)
        except (InvalidSignature, KeyError):
            sys.exit(f"the head of {county} is not signed by a key of the installation")
        if head.sequence == sequence and head.hash.hex() != end:
            sys.exit(f"the head of {county} is of another past")
        print(f"head of {county}: {head.sequence} events, signed")


def push(dudao: Dudao) -> None:
    """Hands a finding down twice under one request id, reads it once, and waits for its case."""
    pb, rpc = of("inspection", "directive")
    letter = of("inspection", "letter")[0]
    county = dudao.args.school.split("/")[1]
    finding = letter.LetterFinding(title="消防通道堵塞", basis="《消防法》", severity=letter.SEVERITY_GRAVE, limit_days=15)
    found = pb.DirectiveFindings(unit=dudao.args.school, inspection_end_date="2026-10-30", findings=[finding])
    directive = pb.Directive(
        issuer="省政府教育督导委员会办公室",
        document="晋教督〔2026〕12号",
        issue_date="2026-11-02",
        title="秋季抽查情况",
        findings=[found],
    )
    request = pb.CreateDirectiveRequest(
        parent=f"counties/{county}", directive=directive, request_id=dudao.args.request_id
    )
    first = dudao.call(rpc.DirectiveServiceStub, "CreateDirective", request)
    again = dudao.call(rpc.DirectiveServiceStub, "CreateDirective", request)
    if first != again:
        sys.exit("pushed twice, it is not the same directive")
    read = dudao.call(rpc.DirectiveServiceStub, "GetDirective", pb.GetDirectiveRequest(name=first.name))
    print(f"handed down {read.name}: {pb.DirectiveState.Name(read.state)}")
    cases, cases_rpc = of("accountability", "case")
    deadline = time.monotonic() + 20
    while True:
        try:
            name = read.findings[0].case
            case = dudao.call(cases_rpc.CaseServiceStub, "GetCase", cases.GetCaseRequest(name=name))
            break
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.NOT_FOUND or time.monotonic() > deadline:
                raise
            time.sleep(0.2)
    print(f"case {case.name} of {case.unit_name}: {len(case.findings)} finding")
    refused(dudao, rpc, pb.CreateDirectiveRequest(parent=f"counties/{county}", directive=pb.Directive(title="无")))


def refused(dudao: Dudao, rpc, request) -> None:
    """How a client reads what is wrong with a request: every field at once, in both languages."""
    try:
        dudao.call(rpc.DirectiveServiceStub, "CreateDirective", request)
        sys.exit("an empty directive was taken")
    except grpc.RpcError as error:
        if error.code() != grpc.StatusCode.INVALID_ARGUMENT:
            raise
        status = status_pb2.Status()
        status.ParseFromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
        for detail in status.details:
            bad = error_details_pb2.BadRequest()
            if detail.Unpack(bad):
                fields = [violation.field for violation in bad.field_violations]
                print(f"refused as it should be: {', '.join(fields)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("step", choices=["schools", "follow", "push", "all"])
    parser.add_argument("--server", default="127.0.0.1:50051", help="host:port")
    parser.add_argument("--ca", help="the authority of the server's certificate, in PEM; without it in the clear")
    parser.add_argument("--token-file", help="a file that holds a token")
    parser.add_argument("--login-code", help="the code of a login link")
    parser.add_argument("--parent", default="counties/-", help="whose schools are listed")
    parser.add_argument("--page-size", type=int, default=3)
    parser.add_argument("--cursor-file", default="registry.cursor.json")
    parser.add_argument("--until-events", type=int, default=10, help="follow until so many were seen in all")
    parser.add_argument("--school", default="counties/140525/schools/S1", help="where something was found")
    parser.add_argument("--request-id", default="example-1")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stubs(Path(folder))
        try:
            dudao = Dudao(args)
            steps = {"schools": schools, "follow": follow, "push": push}
            for name, step in steps.items():
                if args.step in (name, "all"):
                    step(dudao)
        except grpc.RpcError as error:
            sys.exit(f"{error.code().name}: {error.details()}")


if __name__ == "__main__":
    main()
