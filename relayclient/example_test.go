package relayclient_test

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
)

// An http.ServeMux is served over a hybrid connection, here one of a relay
// inside the program, and asked through it.
func Example() {
	relay, err := localrelay.Start(localrelay.Config{
		Entities: []localrelay.Entity{{Name: "orders", Rules: []localrelay.Rule{
			{Name: "both", PrimaryKey: localrelay.NewKey(), Rights: localrelay.Listen | localrelay.Send},
		}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer relay.Close()
	access, err := relay.ConnectionString("orders", "both")
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg := relayclient.Config{
		Namespace: access.Namespace, HybridConnection: access.HybridConnection, RootCAs: relay.RootCAs(),
		Token: relayclient.SharedAccessKey{KeyName: access.KeyName, Key: access.Key},
	}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /items/{id}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "item %s of %s", r.PathValue("id"), r.RequestURI)
	})
	served := cfg
	served.Handler = mux
	l, err := relayclient.Listen(context.Background(), served)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()

	transport, err := relayclient.NewTransport(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	client := &http.Client{Transport: transport}
	defer client.CloseIdleConnections()
	for _, path := range []string{"/items/7", "/nothing"} {
		resp, err := client.Get("https://relay" + path)
		if err != nil {
			fmt.Println(err)
			return
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Println(resp.Status, string(body), err)
	}
	// Output:
	// 200 OK item 7 of /orders/items/7 <nil>
	// 404 Not Found 404 page not found
	//  <nil>
}
