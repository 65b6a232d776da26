package relayclient

import "testing"

// An invitation as the service sends it, with the headers of a browser.
const benchInvitation = `{"accept":{"address":"wss:\/\/g12-prod-xyz-004-sb.servicebus.windows.net\/$hc\/orders\/live?room=7&sb-hc-action=accept&sb-hc-id=5b8f1c7e-4d0f-4b7c-8e43-7b1f2f0a9c11_G12_G3","id":"5b8f1c7e-4d0f-4b7c-8e43-7b1f2f0a9c11_G12_G3","connectHeaders":{"Sec-WebSocket-Key":"c2VuZGVyLWtleS0xMjM0NQ==","Sec-WebSocket-Version":"13","Sec-WebSocket-Protocol":"stomp.v2, stomp.v1","Connection":"Upgrade","Upgrade":"websocket","Host":"fabrikam.servicebus.windows.net:443","X-Tenant":"blue"},"remoteEndpoint":{"address":"203.0.113.9","port":62917}}}`

func BenchmarkParseCommand(b *testing.B) {
	data := []byte(benchInvitation)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		cmd, name, err := parseCommand(data)
		if err != nil || name != "accept" || cmd.Accept.RemoteEndpoint.Port != 62917 {
			b.Fatalf("command %q, %v", name, err)
		}
		info := connInfo(cmd.Accept, "orders")
		if info.Path != "/live" || info.Query != "room=7" {
			b.Fatalf("path %q, query %q", info.Path, info.Query)
		}
	}
}
