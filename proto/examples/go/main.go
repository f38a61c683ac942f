// A provincial platform that joins in: signs in, lists schools, follows events across restarts, hands a directive down.
//
// Everything it knows of dudao are the protos: generate.sh makes the packages below from them.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	accountability "dudao.example/client/gen/accountability"
	auth "dudao.example/client/gen/auth"
	event "dudao.example/client/gen/event"
	inspection "dudao.example/client/gen/inspection"
	registry "dudao.example/client/gen/registry"
)

var (
	server      = flag.String("server", "127.0.0.1:50051", "host:port")
	ca          = flag.String("ca", "", "the authority of the server's certificate, in PEM; without it in the clear")
	tokenFile   = flag.String("token-file", "", "a file that holds a token")
	parent      = flag.String("parent", "counties/-", "whose schools are listed")
	cursorFile  = flag.String("cursor-file", "registry.cursor", "where the cursor is kept")
	untilEvents = flag.Int("until-events", 10, "follow until so many were seen")
	school      = flag.String("school", "counties/140525/schools/S1", "where something was found")
	requestID   = flag.String("request-id", "example-1", "makes a retry return the first answer")
)

// patience is how long a follower waits for a server that is away.
const patience = time.Minute

func main() {
	flag.Parse()
	if err := run(flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(step string) error {
	connection, err := connect()
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, err := signIn(connection)
	if err != nil {
		return err
	}
	steps := []struct {
		name string
		take func(context.Context, *grpc.ClientConn) error
	}{{"schools", schools}, {"follow", follow}, {"push", push}}
	for _, one := range steps {
		if step == one.name || step == "all" {
			if err := one.take(ctx, connection); err != nil {
				return fmt.Errorf("%s: %w", one.name, err)
			}
		}
	}
	return nil
}

func connect() (*grpc.ClientConn, error) {
	security := insecure.NewCredentials()
	if *ca != "" {
		pem, err := os.ReadFile(*ca)
		if err != nil {
			return nil, err
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, errors.New("the authority's certificate can't be read")
		}
		security = credentials.NewTLS(&tls.Config{RootCAs: pool})
	}
	return grpc.Dial(*server, grpc.WithTransportCredentials(security),
		grpc.WithDefaultCallOptions(grpc.WaitForReady(true)))
}

// signIn puts the token into the metadata of every call, and asks who that is.
func signIn(connection *grpc.ClientConn) (context.Context, error) {
	ctx := context.Background()
	if *tokenFile != "" {
		token, err := os.ReadFile(*tokenFile)
		if err != nil {
			return nil, err
		}
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+strings.TrimSpace(string(token)))
	}
	caller, err := auth.NewSignInServiceClient(connection).GetCaller(ctx, &auth.GetCallerRequest{})
	if err != nil {
		return nil, err
	}
	fmt.Printf("signed in as %q, counties %q\n", caller.Subject, caller.CountyPrefix)
	return ctx, nil
}

// schools lists the schools of every county in reach, a page at a time.
func schools(ctx context.Context, connection *grpc.ClientConn) error {
	client := registry.NewSchoolServiceClient(connection)
	request := &registry.ListSchoolsRequest{Parent: *parent, PageSize: 3}
	seen := map[string]bool{}
	pages := 0
	for {
		page, err := client.ListSchools(ctx, request)
		if err != nil {
			return err
		}
		pages++
		for _, school := range page.Schools {
			if seen[school.Name] {
				return fmt.Errorf("%s came twice", school.Name)
			}
			seen[school.Name] = true
		}
		if page.NextPageToken == "" {
			break
		}
		request.PageToken = page.NextPageToken
	}
	fmt.Printf("listed %d schools in %d pages\n", len(seen), pages)
	return nil
}

// follow follows the registry's events until so many were seen, across restarts of the server.
func follow(ctx context.Context, connection *grpc.ClientConn) error {
	client := registry.NewRegistryEventServiceClient(connection)
	kept, err := os.ReadFile(*cursorFile)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	cursor, last, seen, breaks := string(kept), "", 0, 0
	heard := time.Now()
	for seen < *untilEvents {
		stream, err := client.WatchEvents(ctx, &event.WatchEventsRequest{Cursor: cursor})
		for err == nil && seen < *untilEvents {
			var answer *event.WatchEventsResponse
			if answer, err = stream.Recv(); err != nil {
				break
			}
			heard = time.Now()
			cursor = answer.GetCheckpoint()
			if one := answer.GetEvent(); one != nil {
				cursor = one.Cursor
				// At least once: an event that comes again has no effect.
				if one.Id != last {
					last = one.Id
					seen++
				}
			}
			if err := os.WriteFile(*cursorFile, []byte(cursor), 0o600); err != nil {
				return err
			}
		}
		if err != nil {
			away := status.Code(err) == codes.Unavailable || errors.Is(err, io.EOF)
			if !away || time.Since(heard) > patience {
				return err
			}
			breaks++
			time.Sleep(300 * time.Millisecond)
		}
	}
	fmt.Printf("followed %d events, %d breaks\n", seen, breaks)
	return nil
}

// push hands a finding down twice under one request id, reads it once, and waits for its case.
func push(ctx context.Context, connection *grpc.ClientConn) error {
	client := inspection.NewDirectiveServiceClient(connection)
	county := strings.Join(strings.Split(*school, "/")[:2], "/")
	request := &inspection.CreateDirectiveRequest{
		Parent: county,
		Directive: &inspection.Directive{
			Issuer:    "省政府教育督导委员会办公室",
			Document:  "晋教督〔2026〕12号",
			IssueDate: "2026-11-02",
			Title:     "秋季抽查情况",
			Findings: []*inspection.DirectiveFindings{{
				Unit:              *school,
				InspectionEndDate: "2026-10-30",
				Findings: []*inspection.LetterFinding{{
					Title:     "消防通道堵塞",
					Basis:     "《消防法》",
					Severity:  inspection.Severity_SEVERITY_GRAVE,
					LimitDays: 15,
				}},
			}},
		},
		RequestId: *requestID,
	}
	first, err := client.CreateDirective(ctx, request)
	if err != nil {
		return err
	}
	again, err := client.CreateDirective(ctx, request)
	if err != nil {
		return err
	}
	if !proto.Equal(first, again) {
		return errors.New("pushed twice, it is not the same directive")
	}
	read, err := client.GetDirective(ctx, &inspection.GetDirectiveRequest{Name: first.Name})
	if err != nil {
		return err
	}
	fmt.Printf("handed down %s: %s\n", read.Name, read.State)
	cases := accountability.NewCaseServiceClient(connection)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		found, err := cases.GetCase(ctx, &accountability.GetCaseRequest{Name: read.Findings[0].Case})
		if err == nil {
			fmt.Printf("case %s of %s: %d finding\n", found.Name, found.UnitName, len(found.Findings))
			break
		}
		if status.Code(err) != codes.NotFound || time.Now().After(deadline) {
			return err
		}
	}
	return refused(ctx, client, county)
}

// refused shows how a client reads what is wrong with a request: every field at once.
func refused(ctx context.Context, client inspection.DirectiveServiceClient, county string) error {
	_, err := client.CreateDirective(ctx, &inspection.CreateDirectiveRequest{Parent: county})
	if status.Code(err) != codes.InvalidArgument {
		return fmt.Errorf("an empty directive was not refused as it should be: %w", err)
	}
	var fields []string
	for _, detail := range status.Convert(err).Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok {
			for _, violation := range bad.FieldViolations {
				fields = append(fields, violation.Field)
			}
		}
	}
	fmt.Printf("refused as it should be: %s\n", strings.Join(fields, ", "))
	return nil
}
