// Package relayclient is a client for Azure Relay Hybrid Connections.
//
// Listen holds a control channel open, takes up the connections that the
// relay offers and hands them out through Accept. Dial connects as a sender.
// Either gives a Conn, which carries whole text or binary messages. HTTP
// requests take the same way without a connection: Config.Handler serves those
// that reach a listener, and NewTransport sends them. Everything that happens
// is also told as Events, to whoever asks through Config.OnEvent.
//
// The package knows no window, no profiles and no identity service; tokens
// come through the TokenProvider interface.
package relayclient
