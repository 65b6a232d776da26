package localrelay

// A breach is one way to deviate from the protocol.
type breach struct{ rule, section, text string }

// What is wrong with a request or a handshake.
var (
	breachPlain       = &breach{"plain request on $hc", "§1.1", "A path below /$hc/ is for WebSockets only; an HTTP request there was refused with 400."}
	breachHandshake   = &breach{"handshake malformed", "§1.1", "The upgrade was no WebSocket handshake of version 13; it was refused with 400."}
	breachAction      = &breach{"unknown action", "§1.2", "sb-hc-action is none of listen, connect, accept and request; the handshake was refused with 400."}
	breachNoID        = &breach{"no sb-hc-id", "§1.4", "A client should send a fresh UUID as sb-hc-id, so that both sides can be found in the service's logs."}
	breachID          = &breach{"sb-hc-id is no UUID", "§1.4", "The sb-hc-id is not a UUID; the relay used one of its own."}
	breachExtensions  = &breach{"extensions offered", "§3.1", "Sec-WebSocket-Extensions, such as permessage-deflate, should not be offered; the relay never accepts any."}
	breachProtocol    = &breach{"subprotocol on listen", "§3.1", "A control channel has no subprotocol; the offer was ignored."}
	breachQueryToken  = &breach{"token in the query", "§2", "The token travelled as sb-hc-token, where logs and error texts pick it up; it belongs in the header ServiceBusAuthorization."}
	breachQueryKey    = &breach{"key in the query", "§1.2", "A key travelled in clear as sb-hc-sas-key, which is undocumented; the relay ignored it. Replace that key."}
	breachBearer      = &breach{"Bearer in ServiceBusAuthorization", "§2", "The header ServiceBusAuthorization takes the token alone; the word Bearer was tolerated."}
	breachBearerAlone = &breach{"Authorization on a WebSocket", "§2", "The token travelled in the header Authorization, which only HTTP requests are documented to use; it was tolerated."}
	breachConnect     = &breach{"method CONNECT", "§6.6", "The method CONNECT cannot be relayed; it was refused with 400."}
	breachSameID      = &breach{"listener id twice online", "§1.4", "Two control channels with the same sb-hc-id are online; senders can no longer be steered to one of them."}
)

// What is wrong with a listener's rendezvous.
var (
	breachToken        = &breach{"token on a rendezvous", "§2", "The address is all that a rendezvous needs; a token does not belong there."}
	breachAnswered     = &breach{"extensions on accept", "§5.2", "The accepting handshake names extensions; the relay never accepts any."}
	breachHeaderName   = &breach{"header named by a number", "§5.2", "The accepting handshake has a header whose name is a number; it was ignored."}
	breachProtocols    = &breach{"several subprotocols on accept", "§5.2", "An accepting listener names one subprotocol at most; the handshake was refused with 400."}
	breachNotOffered   = &breach{"subprotocol not offered", "§5.2", "The accepting listener chose a subprotocol that the sender did not offer; senders refuse that."}
	breachPlainStatus  = &breach{"status without sb-hc-", "§1.2", "A rejection says statusCode and statusDescription without the prefix sb-hc-; the relay took them for what they mean, the service takes them for an accept."}
	breachStatus       = &breach{"status code of rejection", "§1.2", "sb-hc-statusCode is not a number from 100 to 999; the handshake was refused with 400."}
	breachAddress      = &breach{"address altered", "§4.1", "The address of a rendezvous must be dialled exactly as it came; the path or query was another one."}
	breachTwice        = &breach{"rendezvous used twice", "§4.1", "The address of a rendezvous works once; the second use was refused with 403."}
	breachLate         = &breach{"rendezvous used late", "§5.2", "The address of a rendezvous was dead when the listener dialled it; it was refused with 403."}
	breachStranger     = &breach{"rendezvous unknown", "§4.1", "The relay never gave out this rendezvous; it was refused with 403."}
	breachSilent       = &breach{"sender left waiting", "§5.3", "The listener neither accepted nor rejected a sender, which had to wait for its 504."}
	breachNotText      = &breach{"first message not text", "§6.7", "The first message of a rendezvous must be the text of the response; it was closed with 1002."}
	breachNoResponse   = &breach{"no response on rendezvous", "§6.7", "The first message of a rendezvous must be a response; it was closed with 1002."}
	breachPremature    = &breach{"rendezvous closed early", "§6.7", "The listener closed a rendezvous before its response; it was closed with 1002."}
	breachOtherRequest = &breach{"requestId of another request", "§1.4", "response.requestId must be the id of the request, with all that follows the UUID."}
	breachBodyText     = &breach{"body as text", "§3.2", "The body of a response must be binary; the rendezvous was closed with 1002."}
	breachBodyClosed   = &breach{"body ended by Close", "§6.2", "The body of a response must end with a final frame; the Close in its place was taken for it."}
)

// What is wrong on a control channel.
var (
	breachJSON        = &breach{"command is not JSON", "§3.2", "A text message is not a JSON object; it was ignored."}
	breachMembers     = &breach{"command with several members", "§3.2", "A command has exactly one member; the relay went by the one that it knows."}
	breachCommand     = &breach{"unknown command", "§3.2", "The relay knows response and renewToken only; the command was ignored."}
	breachTooLong     = &breach{"command of 64 KiB", "§3.2", "A command must be shorter than 64 KiB, the buffer of the service's own SDKs."}
	breachBodyTooLong = &breach{"body over 64 KiB", "§3.2", "A body on the control channel may have 64 KiB; larger ones need a rendezvous. The channel was closed."}
	breachStray       = &breach{"stray empty binary", "§3.2", "An empty binary message came that no response had announced; it was ignored."}
	breachBinary      = &breach{"binary nobody announced", "§3.2", "A binary message came that no response had announced; it was ignored."}
	breachNoBody      = &breach{"text in place of a body", "§3.2", "A response announced a body, but a text message came next; the sender got 500."}
	breachNoStatus    = &breach{"Close without status", "§3.4", "A control channel should be closed with a status, such as 1000."}
	breachRenewal     = &breach{"renewal refused", "§7", "renewToken had no valid token with the right Listen; the channel was closed with 1008."}
	breachIdle        = &breach{"no keep-alive", "§3.3", "The listener sent nothing of its own for 4 minutes; the service would have dropped it."}
)

// What is wrong with a response.
var (
	breachMalformed    = &breach{"response malformed", "§4.3", "The response cannot be read, lacks its requestId, or has a status that is not from 200 to 599; the sender got 500."}
	breachStatusText   = &breach{"statusCode is a string", "§4.3", "statusCode should be a number; the string was tolerated."}
	breachBodyMissing  = &breach{"response without body flag", "§4.3", "A response should always say whether a body follows; the missing member was taken for false."}
	breachHeaderValue  = &breach{"header value is no string", "§4.3", "Header values should be strings; a number or a boolean was tolerated."}
	breachHeader       = &breach{"malformed response header", "§6.5", "A response has a header with an impossible name; it was dropped."}
	breachHopByHop     = &breach{"connection header in response", "§6.5", "A response has a header that belongs to one connection, such as Transfer-Encoding; it was dropped."}
	breachHeaderSize   = &breach{"response header over 32 KiB", "§9", "The header of a response is too large; the sender got 500."}
	breachGateway      = &breach{"502 or 504 from a listener", "§6.6", "A listener should not answer 502 or 504, which stand for the relay's own failures; it was passed on."}
	breachNoContent    = &breach{"body where none can be", "§6.6", "An answer to HEAD, a 204 and a 304 have no body; the announced one was dropped."}
	breachNobodyAsked  = &breach{"requestId unknown", "§1.4", "A response names a request that the relay never sent; it was dropped."}
	breachAgain        = &breach{"request answered twice", "§6.2", "A response came for a request that has been answered; it was dropped."}
	breachTooLate      = &breach{"response too late", "§6.4", "A response came after the 60 seconds that the relay waits; the sender had got 504 before."}
	breachWrongChannel = &breach{"answer on the control channel", "§6.2", "A request that travels over a rendezvous must be answered there."}
	breachUnanswered   = &breach{"request not answered", "§6.4", "The listener did not answer a request within 60 seconds; the sender got 504."}
)
