using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Connections;

internal sealed class UpgradeRequestParserTests
{
    private const string Line = "GET /connection/websocket HTTP/1.1";

    [Test]
    public void A_valid_request_is_read()
    {
        var request = Parse(
            Line, "Host: broker.example:8080", "Upgrade: websocket", "Connection: keep-alive, Upgrade", "Origin: https://page.example",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: a, b", "X-Other: 1", "X-Other: 2");

        Assert.That(request, Is.EqualTo(new UpgradeRequest
        {
            Host = "broker.example:8080",
            Origin = "https://page.example",
            WantsWebSocket = true,
            Version = "13",
            Key = "dGhlIHNhbXBsZSBub25jZQ==",
            Protocols = "a, b",
        }));
    }

    [TestCase("GET /connection/websocket?a=b&c HTTP/1.1", "?a=b&c")]
    [TestCase("GET /connection/websocket? HTTP/1.1", "?")]
    [TestCase("GET /connection/websocket HTTP/1.1", null)]
    public void The_query_is_what_follows_the_path(string line, string? query) =>
        Assert.That(Parse(line, "Host: h")!.Value.Query, Is.EqualTo(query));

    [Test]
    public void Missing_headers_are_null()
    {
        Assert.That(Parse(Line, "Host: h"), Is.EqualTo(new UpgradeRequest { Host = "h" }));
    }

    [Test]
    public void Header_names_match_in_any_case_and_values_are_trimmed()
    {
        var request = Parse(Line, "hOST:h", "UPGRADE:\t WebSocket \t", "connection:upgrade", "SEC-WEBSOCKET-VERSION:   13", "origin:");

        Assert.That(request, Is.EqualTo(new UpgradeRequest { Host = "h", WantsWebSocket = true, Version = "13", Origin = "" }));
    }

    [TestCase("Upgrade: websocket", "Connection: Upgrade", true)]
    [TestCase("Upgrade: h2c, WebSocket", "Connection: close,upgrade , x", true)]
    [TestCase("Upgrade: websocket", "Connection: keep-alive", false)]
    [TestCase("Upgrade: websocket", "Connection: upgraded", false)]
    [TestCase("Upgrade: websocket2", "Connection: upgrade", false)]
    [TestCase("X-Upgrade: websocket", "Connection: upgrade", false)]
    [TestCase("Upgrade: websocket", "X-Connection: upgrade", false)]
    public void Both_headers_must_name_the_upgrade(string upgrade, string connection, bool expected)
    {
        Assert.That(Parse(Line, "Host: h", upgrade, connection)!.Value.WantsWebSocket, Is.EqualTo(expected));
    }

    [Test]
    public void A_list_may_come_in_several_headers()
    {
        var request = Parse(
            Line, "Host: h", "Connection: keep-alive", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Protocol: a", "Sec-WebSocket-Protocol: b");

        Assert.That((request!.Value.WantsWebSocket, request.Value.Protocols), Is.EqualTo((true, "a,b")));
    }

    [TestCase("Host: h")]
    [TestCase("Origin: https://a")]
    [TestCase("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")]
    [TestCase("Sec-WebSocket-Version: 13")]
    [TestCase("Content-Length: 0")]
    [TestCase("HOST: h", "host: h")]
    public void A_header_of_the_handshake_may_come_only_once(string header, string? second = null)
    {
        string[] host = header.StartsWith("host", StringComparison.OrdinalIgnoreCase) ? [] : ["Host: h"];

        Assert.That(Parse([Line, .. host, header]), Is.Not.Null);
        Assert.That(FaultOf([Line, .. host, header, second ?? header]), Does.Contain("once"));
    }

    [TestCase("no colon")]
    [TestCase(": no name")]
    [TestCase("Space : x")]
    [TestCase(" Folded: x")]
    [TestCase("\tFolded: x")]
    [TestCase("Na(me: x")]
    [TestCase("Name: a\0b")]
    [TestCase("Name: a\rb")]
    [TestCase("Name: a\nHost: b")]
    [TestCase("")]
    public void A_line_that_is_not_a_header_is_refused(string line)
    {
        Assert.That(FaultOf(Line, "Host: h", line), Does.Contain("header line"));
    }

    [TestCase("GET /connection/websocket HTTP/1.0")]
    [TestCase("GET /connection/websocket HTTP/2.0")]
    [TestCase("GET /connection/websocket")]
    [TestCase("GET /connection/websocket http/1.1")]
    [TestCase("GET /connection/websocket HTTP/1.1 ")]
    public void Only_HTTP_1_1_is_accepted(string line)
    {
        Assert.That(FaultOf(line, "Host: h"), Does.Contain("HTTP/1.1"));
    }

    [TestCase("GET /connection/websocket?a b HTTP/1.1")]
    [TestCase("GET /connection/websocket  HTTP/1.1")]
    [TestCase("GET  /connection/websocket HTTP/1.1")]
    [TestCase("GET /connection/websocket\nHost: other HTTP/1.1")]
    [TestCase("GET /connection/websocket?a=\n HTTP/1.1")]
    [TestCase("GET /connection/websocket?a=\r HTTP/1.1")]
    [TestCase("GET /connection/websocket?a=\0 HTTP/1.1")]
    [TestCase("GET /connection/websocket?a=\t HTTP/1.1")]
    [TestCase("GET /connection/websocket?a=\u007f HTTP/1.1")]
    [TestCase("GET HTTP/1.1")]
    public void A_request_line_with_blanks_or_control_characters_is_refused(string line) =>
        Assert.That(FaultOf(line, "Host: h"), Does.Contain("the request line must be"));

    [TestCase("a b")]
    [TestCase("a/b")]
    [TestCase("user@h")]
    [TestCase("h:80x")]
    [TestCase("[::1")]
    [TestCase("[h]")]
    public void A_host_that_is_neither_name_nor_address_is_refused(string host) =>
        Assert.That(FaultOf(Line, $"Host: {host}"), Does.Contain("Host header must be"));

    [TestCase("Content-Length: 5")]
    [TestCase("Content-Length: 00")]
    [TestCase("Content-Length: x")]
    [TestCase("Transfer-Encoding: chunked")]
    [TestCase("Transfer-Encoding: identity")]
    public void A_request_with_a_body_is_refused(string header)
    {
        Assert.That(FaultOf(Line, "Host: h", header), Does.Contain("body"));
    }

    [Test]
    public void A_request_without_a_host_is_refused()
    {
        Assert.That(FaultOf(Line, "Upgrade: websocket"), Does.Contain("Host"));
    }

    [Test]
    public void A_byte_outside_ASCII_is_refused_wherever_it_is()
    {
        Assert.That(FaultOf(Line, "Host: h", "X-Name: é"), Does.Contain("ASCII"));
        Assert.That(FaultOf("GET /connection/websocket?é HTTP/1.1", "Host: h"), Does.Contain("ASCII"));
    }

    private static UpgradeRequest? Parse(params string[] lines) => UpgradeRequestParser.Parse(string.Join("\r\n", lines).Utf8(), out _);

    private static string FaultOf(params string[] lines)
    {
        var request = UpgradeRequestParser.Parse(string.Join("\r\n", lines).Utf8(), out var fault);
        Assert.That(request, Is.Null);
        return fault;
    }
}
