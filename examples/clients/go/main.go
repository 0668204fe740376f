// Command route asks a fastroute server where a text should go.
//
//	route TEXT…
//
// FASTROUTE_ADDRESS names the server (127.0.0.1:50051 when unset), FASTROUTE_TOKEN is the caller's token, and FASTROUTE_CA
// a file with the certificate authority of a server that speaks TLS.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	fastroutev1 "example.com/route/gen/fastroute/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: route TEXT…")
		os.Exit(2)
	}
	if err := route(strings.Join(os.Args[1:], " ")); err != nil {
		fmt.Fprintf(os.Stderr, "route: %s [%s]\n", status.Convert(err).Message(), reasonOf(err))
		os.Exit(1)
	}
}

func route(text string) error {
	connection, err := connect(os.Getenv("FASTROUTE_TOKEN"))
	if err != nil {
		return err
	}
	defer connection.Close()
	router := fastroutev1.NewRouterServiceClient(connection)

	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	response, err := router.Route(ctx, &fastroutev1.RouteRequest{Text: &text})
	if err != nil {
		return err
	}
	decision := response.GetDecision()
	fmt.Println("outcome", decision.GetOutcome())
	fmt.Println("route", decision.GetRoute())
	fmt.Println("model", decision.GetModel())
	fmt.Println("reason", decision.GetReason().GetCode())
	return nil
}

// connect opens a channel. A program opens one, and shares it.
func connect(token string) (*grpc.ClientConn, error) {
	transport := insecure.NewCredentials()
	authority := os.Getenv("FASTROUTE_CA")
	if authority != "" {
		var err error
		if transport, err = credentials.NewClientTLSFromFile(authority, ""); err != nil {
			return nil, err
		}
	}
	options := []grpc.DialOption{grpc.WithTransportCredentials(transport)}
	if token != "" {
		options = append(options, grpc.WithPerRPCCredentials(bearer{token, authority != ""}))
	}
	return grpc.NewClient(cmp.Or(os.Getenv("FASTROUTE_ADDRESS"), "127.0.0.1:50051"), options...)
}

// bearer sends the caller's token with every call.
type bearer struct {
	token  string
	secure bool
}

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + b.token}, nil
}

func (b bearer) RequireTransportSecurity() bool { return b.secure }

// reasonOf is the stable code of an error, or gRPC's own where no server answered.
func reasonOf(err error) string {
	var failed interface{ GRPCStatus() *status.Status }
	if errors.As(err, &failed) {
		for _, detail := range failed.GRPCStatus().Details() {
			if info, ok := detail.(*errdetails.ErrorInfo); ok {
				return info.GetReason()
			}
		}
	}
	return status.Code(err).String()
}
