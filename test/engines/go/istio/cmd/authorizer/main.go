// authorizer answers Envoy's external authorization: one address where it says yes to everything,
// one where it says no.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"

	auth "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
)

type says codes.Code

func (word says) Check(context.Context, *auth.CheckRequest) (*auth.CheckResponse, error) {
	return &auth.CheckResponse{Status: &status.Status{Code: int32(word)}}, nil
}

func main() {
	yes := flag.String("yes", "", "address")
	no := flag.String("no", "", "address")
	flag.Parse()
	go serve(*no, says(codes.PermissionDenied))
	go serve(*yes, says(codes.OK))
	select {}
}

func serve(address string, word says) {
	listener, err := net.Listen("tcp", address)
	must(err)
	fmt.Println("listening on", address)
	server := grpc.NewServer()
	auth.RegisterAuthorizationServer(server, word)
	must(server.Serve(listener))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "authorizer:", err)
		os.Exit(1)
	}
}
