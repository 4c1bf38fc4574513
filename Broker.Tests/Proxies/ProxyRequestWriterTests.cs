using System.Buffers;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Proxies;

/// <summary>The bodies that back ends get, byte for byte.</summary>
internal sealed class ProxyRequestWriterTests
{
    private const string Common = """
        {"client":"04f2e0b3-6a0e-4a7c-8d57-5f3e3a1f2c01","transport":"websocket","protocol":"json","encoding":"json"
        """;

    private static readonly ProxySettings Proxy = new("backend", new Uri("http://localhost/"));

    private static readonly ProxyCaller Caller = new(Guid.Parse("04f2e0b3-6a0e-4a7c-8d57-5f3e3a1f2c01"), "websocket", "json")
    {
        User = "u1",
        Meta = """{"k":"v"}""".Utf8(),
    };

    private static readonly TestCaseData[] Events =
    [
        new(new ProxyEvent(ProxyEventKind.Connect) { Data = """{"mode" : 1e2}""".Utf8(), Name = "js", Version = "1", Channels = ["a", "b"] }, ""","data":{"mode" : 1e2},"name":"js","version":"1","channels":["a","b"]"""),
        new(new ProxyEvent(ProxyEventKind.Connect), ""),
        new(new ProxyEvent(ProxyEventKind.Refresh), ""),
        new(new ProxyEvent(ProxyEventKind.Subscribe) { Channel = "px:a", Data = """{"q":12345678901234567890}""".Utf8() }, ""","channel":"px:a","data":{"q":12345678901234567890}"""),
        new(new ProxyEvent(ProxyEventKind.Publish) { Channel = "px:\"é", Data = "null".Utf8() }, ""","channel":"px:\"é","data":null"""),
        new(new ProxyEvent(ProxyEventKind.SubRefresh) { Channel = "px:a" }, ""","channel":"px:a" """),
        new(new ProxyEvent(ProxyEventKind.MapPublish) { Channel = "px:a", Key = "k\"", Data = "1".Utf8() }, ""","channel":"px:a","key":"k\"","data":1"""),
        new(new ProxyEvent(ProxyEventKind.MapRemove) { Channel = "px:a", Key = "k" }, ""","channel":"px:a","key":"k" """),
        new(new ProxyEvent(ProxyEventKind.Rpc) { Method = "shop:buy", Data = "[]".Utf8() }, ""","method":"shop:buy","data":[]"""),
        new(new ProxyEvent(ProxyEventKind.Rpc) { Method = "x", Data = Array.Empty<byte>() }, ""","method":"x" """),
        new(new ProxyEvent(ProxyEventKind.Rpc) { Method = "x" }, ""","method":"x" """),
    ];

    [TestCaseSource(nameof(Events))]
    [Checklist(161)]
    public void Each_event_has_its_own_fields_and_empty_ones_are_left_out(ProxyEvent happened, string fields)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Write(Proxy, Caller, happened), Is.EqualTo($$"""{{Common}},"user":"u1"{{fields.TrimEnd()}}}"""));
            Assert.That(Write(Proxy, Caller with { User = "", Meta = default }, happened), Is.EqualTo($$"""{{Common}}{{fields.TrimEnd()}}}"""));
        }
    }

    [Test]
    public void A_question_about_values_has_no_client() => Assert.That(
        Write(Proxy with { IncludesMeta = true, UsesBase64 = true }, ProxyCaller.Broker, new(ProxyEventKind.SharedPollRefresh) { Channel = "px:\"é", Items = [new("a", 7), new("b\"", 0)] }),
        Is.EqualTo("""{"channel":"px:\"é","items":[{"key":"a","version":7},{"key":"b\""}]}"""));

    [Test]
    [Checklist(134)]
    public void Meta_is_sent_only_to_back_ends_that_ask_for_it() => Assert.That(
        Write(Proxy with { IncludesMeta = true }, Caller, new(ProxyEventKind.SubRefresh) { Channel = "px:a" }),
        Is.EqualTo($$$"""{{{Common}}},"user":"u1","channel":"px:a","meta":{"k":"v"}}"""));

    [Test]
    [Checklist(168)]
    public void A_back_end_that_accepts_binary_gets_any_bytes_in_base64() => Assert.That(
        Write(Proxy with { UsesBase64 = true }, Caller with { Protocol = "protobuf" }, new(ProxyEventKind.Publish) { Channel = "px:a", Data = new byte[] { 0xFF, 0, 1 } }),
        Is.EqualTo("""{"client":"04f2e0b3-6a0e-4a7c-8d57-5f3e3a1f2c01","transport":"websocket","protocol":"protobuf","encoding":"binary","user":"u1","channel":"px:a","b64data":"/wAB"}"""));

    [TestCase("{")]
    [TestCase("{} {}")]
    [TestCase("\"\u0080\"", true)]
    public void A_payload_that_is_not_JSON_cannot_be_sent_to_other_back_ends(string data, bool isLatin = false)
    {
        var bytes = isLatin ? System.Text.Encoding.Latin1.GetBytes(data) : data.Utf8();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Proxy.Accepts(bytes), Is.False);
            Assert.That((Proxy with { UsesBase64 = true }).Accepts(bytes), Is.True);
            Assert.That((Proxy with { Endpoint = new("grpc://localhost:1") }).Accepts(bytes), Is.True);
        }
    }

    private static string Write(ProxySettings proxy, ProxyCaller caller, ProxyEvent happened)
    {
        var output = new ArrayBufferWriter<byte>();
        ProxyRequestWriter.Write(output, proxy, caller, happened);
        return System.Text.Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
