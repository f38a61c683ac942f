// A provincial platform that joins in: signs in, lists schools, follows events, hands a finding down. All it knows of
// dudao are the protos, from which generate.sh makes the packages in gen.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	jitter "math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"example.org/dudao/client/gen/accountabilityv1"
	"example.org/dudao/client/gen/authv1"
	"example.org/dudao/client/gen/eventv1"
	"example.org/dudao/client/gen/inspectionv1"
	"example.org/dudao/client/gen/registryv1"
)

var (
	server      = flag.String("server", "127.0.0.1:50051", "`host:port`")
	ca          = flag.String("ca", "", "`file` with the authorities of the server's certificate in PEM; else the public ones")
	plain       = flag.Bool("insecure", false, "no TLS")
	tokenFile   = flag.String("token-file", "", "a `file` that holds a token")
	loginCode   = flag.String("login-code", "", "the `code` of a one-time login link: signs in as the county's office")
	county      = flag.String("county", "", "one county by its `code`; else all in reach")
	pageSize    = flag.Int("page-size", 3, "schools a page")
	cursorFile  = flag.String("cursor-file", "registry-cursor.json", "`file` in which the follower keeps its place")
	untilEvents = flag.Int("until-events", 10, "how many to handle, with those of earlier runs")
	school      = flag.String("school", "", "where something was found: the `name` counties/140525/schools/S1")
	requestID   = flag.String("request-id", "", "that of an earlier, identical push; else a new one")
)

const (
	caseTime  = 20 * time.Second // how long the case of a directive may take
	awayTime  = 2 * time.Minute  // how long a follower waits for a server that is away
	mostWait  = 8 * time.Second  // before the next attempt
	recentIDs = 100              // so many ids tell whether an event comes again
)

// Every call here reads or carries a request id, so gRPC itself may repeat it. A stream to follow lasts.
const serviceConfig = `{"methodConfig": [
	{"name": [{}], "timeout": "30s", "retryPolicy": {
		"maxAttempts": 4, "initialBackoff": "0.3s", "maxBackoff": "3s", "backoffMultiplier": 2,
		"retryableStatusCodes": ["UNAVAILABLE", "RESOURCE_EXHAUSTED"]}},
	{"name": [{"service": "dudao.registry.v1.RegistryEventService", "method": "WatchEvents"}]}]}`

type step func(context.Context, *grpc.ClientConn) error

func main() {
	steps := map[string][]step{
		"schools": {listSchools}, "follow": {follow}, "push": {push}, "all": {listSchools, follow, push},
	}
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: client [flags] schools|follow|push|all")
		flag.PrintDefaults()
	}
	flag.Parse()
	chosen, known := steps[flag.Arg(0)]
	if !known || flag.NArg() != 1 || (*tokenFile == "") == (*loginCode == "") {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(chosen); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %s\n", flag.Arg(0), explain(err))
		os.Exit(1)
	}
}

func run(steps []step) error {
	connection, err := connect()
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, err := signIn(connection)
	if err != nil {
		return err
	}
	for _, take := range steps {
		if err = take(ctx, connection); err != nil {
			break
		}
	}
	return err
}

func connect() (*grpc.ClientConn, error) {
	security := insecure.NewCredentials()
	if !*plain {
		config := &tls.Config{}
		if *ca != "" {
			pem, err := os.ReadFile(*ca)
			if err != nil {
				return nil, err
			}
			config.RootCAs = x509.NewCertPool()
			if !config.RootCAs.AppendCertsFromPEM(pem) {
				return nil, fmt.Errorf("%s holds no certificate", *ca)
			}
		}
		security = credentials.NewTLS(config)
	}
	return grpc.NewClient(*server,
		grpc.WithTransportCredentials(security),
		grpc.WithDefaultServiceConfig(serviceConfig),
		// So that a follower notices a server that has vanished.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}))
}

// signIn returns a context whose calls carry the token.
func signIn(connection *grpc.ClientConn) (context.Context, error) {
	ctx, client := context.Background(), authv1.NewSignInServiceClient(connection)
	var token string
	if *tokenFile != "" {
		text, err := os.ReadFile(*tokenFile)
		if err != nil {
			return nil, err
		}
		token = strings.TrimSpace(string(text))
	} else {
		answer, err := client.RedeemLoginCode(ctx, &authv1.RedeemLoginCodeRequest{Code: *loginCode})
		if err != nil {
			return nil, err
		}
		token = answer.AccessToken
	}
	ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
	caller, err := client.GetCaller(ctx, &authv1.GetCallerRequest{})
	if err != nil {
		return nil, err
	}
	fmt.Printf("signed in as %s, %v, counties %s*\n", caller.Subject, caller.Roles, caller.CountyPrefix)
	return ctx, nil
}

// explain tells a refusal in one line, from its google.rpc details: the code, the reason, and all that is wrong.
func explain(err error) string {
	refused, ok := status.FromError(err)
	if !ok {
		return err.Error()
	}
	code, said := refused.Code().String(), []string{}
	for _, detail := range refused.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			code += " (" + detail.Reason + ")"
		case *errdetails.BadRequest:
			for _, wrong := range detail.FieldViolations {
				said = append(said, wrong.Field+" "+wrong.Description)
			}
		case *errdetails.PreconditionFailure:
			for _, rule := range detail.Violations {
				said = append(said, rule.Subject+" "+rule.Description)
			}
		}
	}
	return code + ": " + cmp.Or(strings.Join(said, "; "), refused.Message())
}

// listSchools lists the schools in reach, a page at a time.
func listSchools(ctx context.Context, connection *grpc.ClientConn) error {
	client := registryv1.NewSchoolServiceClient(connection)
	request := &registryv1.ListSchoolsRequest{Parent: "counties/" + cmp.Or(*county, "-"), PageSize: int32(*pageSize)}
	seen := map[string]bool{}
	for pages := 1; ; pages++ {
		page, err := client.ListSchools(ctx, request)
		if err != nil {
			return err
		}
		for _, school := range page.Schools {
			if seen[school.Name] {
				return fmt.Errorf("%s came twice", school.Name)
			}
			seen[school.Name] = true
		}
		if page.NextPageToken == "" {
			fmt.Printf("listed %d schools in %d pages\n", len(seen), pages)
			return nil
		}
		request.PageToken = page.NextPageToken
	}
}

// follower is what a consumer keeps in a file: the cursor, with all that the events up to it have changed here.
type follower struct {
	Cursor  string   `json:"cursor"`
	Handled int      `json:"handled"`
	Recent  []string `json:"recent"`
	heard   time.Time
}

// take handles an event or a checkpoint, an event that comes again not a second time, and keeps the place.
func (f *follower) take(answer *eventv1.WatchEventsResponse) error {
	f.heard = time.Now()
	if event := answer.GetEvent(); event == nil {
		f.Cursor = answer.GetCheckpoint()
	} else if !slices.Contains(f.Recent, event.Id) {
		f.Handled++ // where a platform would apply event.Payload
		f.Recent = append(f.Recent, event.Id)
		f.Recent = f.Recent[max(0, len(f.Recent)-recentIDs):]
		f.Cursor = event.Cursor
	}
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if err := os.WriteFile(*cursorFile+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(*cursorFile+".new", *cursorFile)
}

// watch takes in events until so many were handled, or the stream breaks.
func (f *follower) watch(ctx context.Context, client registryv1.RegistryEventServiceClient) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := client.WatchEvents(ctx, &eventv1.WatchEventsRequest{Cursor: f.Cursor, CountyPrefix: *county})
	for err == nil && f.Handled < *untilEvents {
		var answer *eventv1.WatchEventsResponse
		if answer, err = stream.Recv(); err == nil {
			err = f.take(answer)
		}
	}
	if errors.Is(err, io.EOF) {
		return status.Error(codes.Unavailable, "the stream has ended")
	}
	return err
}

// follow follows the registry's events until so many were handled, in this run and those before.
func follow(ctx context.Context, connection *grpc.ClientConn) error {
	f := &follower{}
	kept, err := os.ReadFile(*cursorFile)
	if err == nil {
		err = json.Unmarshal(kept, f)
	}
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	f.heard = time.Now()
	client, breaks, wait := registryv1.NewRegistryEventServiceClient(connection), 0, time.Duration(0)
	for f.Handled < *untilEvents {
		before := f.heard
		err := f.watch(ctx, client)
		switch code := status.Code(err); {
		case code == codes.OutOfRange:
			return errors.New("the events behind the cursor are gone: start again from StreamSnapshot")
		case code == codes.Unavailable && time.Since(f.heard) < awayTime:
			if wait = min(2*wait, mostWait); wait == 0 || f.heard != before {
				breaks, wait = breaks+1, time.Second/4
			}
			fmt.Printf("the server is away, trying again within %v\n", wait)
			time.Sleep(wait/2 + jitter.N(wait/2))
			connection.ResetConnectBackoff()
		case err != nil:
			return err
		}
	}
	fmt.Printf("followed %d events, %d breaks\n", f.Handled, breaks)
	return nil
}

// push hands a finding down twice, as a retry would, and waits for the case that it opens.
func push(ctx context.Context, connection *grpc.ClientConn) error {
	parts := strings.Split(*school, "/")
	if len(parts) != 4 {
		return errors.New("say where something was found: -school counties/140525/schools/S1")
	}
	now := time.Now().In(time.FixedZone("Asia/Shanghai", 8*60*60))
	finding := &inspectionv1.LetterFinding{Title: "消防通道堵塞", Detail: "东侧通道被桌椅堵塞", Basis: "《消防法》第二十八条"}
	finding.Severity, finding.LimitDays = inspectionv1.Severity_SEVERITY_GRAVE, 15
	request := &inspectionv1.CreateDirectiveRequest{
		Parent: strings.Join(parts[:2], "/"),
		Directive: &inspectionv1.Directive{
			Issuer:    "省政府教育督导委员会办公室",
			Document:  fmt.Sprintf("教督办〔%d〕1号", now.Year()),
			IssueDate: now.Format(time.DateOnly),
			Title:     "校园安全抽查",
			Findings: []*inspectionv1.DirectiveFindings{{
				Unit:              *school,
				InspectionEndDate: now.Format(time.DateOnly),
				Findings:          []*inspectionv1.LetterFinding{finding},
			}},
		},
		RequestId: cmp.Or(*requestID, rand.Text()),
	}
	client := inspectionv1.NewDirectiveServiceClient(connection)
	first, err := client.CreateDirective(ctx, request)
	if err != nil {
		return err
	}
	if again, err := client.CreateDirective(ctx, request); err != nil || !proto.Equal(first, again) {
		return fmt.Errorf("handed down twice under one request id, it is not the same directive (%v)", err)
	}
	read, err := client.GetDirective(ctx, &inspectionv1.GetDirectiveRequest{Name: first.Name})
	if err != nil {
		return err
	}
	if len(read.Findings) != 1 || read.Findings[0].Case != first.Findings[0].Case || read.Findings[0].Case == "" {
		return errors.New("the directive does not keep to its case")
	}
	fmt.Printf("handed down %s once: %v\n", read.Name, read.State)
	if err := awaitCase(ctx, connection, read.Findings[0].Case); err != nil {
		return err
	}
	request.RequestId, request.Directive.Issuer = "", ""
	if _, err = client.CreateDirective(ctx, request); err == nil || !strings.Contains(explain(err), "directive.issuer") {
		return fmt.Errorf("not refused for its issuer: %v", err)
	}
	fmt.Printf("refused as it should be: %s\n", explain(err))
	return nil
}

// awaitCase waits: the case opens within moments, as another service follows the event.
func awaitCase(ctx context.Context, connection *grpc.ClientConn, name string) error {
	client := accountabilityv1.NewCaseServiceClient(connection)
	for deadline := time.Now().Add(caseTime); ; time.Sleep(200 * time.Millisecond) {
		found, err := client.GetCase(ctx, &accountabilityv1.GetCaseRequest{Name: name})
		if status.Code(err) == codes.NotFound && time.Now().Before(deadline) {
			continue
		}
		if err != nil {
			return err
		}
		for _, finding := range found.Findings {
			fmt.Printf("case %s of %s: %q is %v\n", found.Name, found.UnitName, finding.Title, finding.State)
		}
		return nil
	}
}
