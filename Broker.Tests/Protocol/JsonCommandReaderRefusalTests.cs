using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Json;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Protocol;

/// <summary>Text that is not a command: the connection is closed for it, with 3501.</summary>
internal sealed class JsonCommandReaderRefusalTests
{
    [TestCase("", TestName = "Empty_text_is_not_a_command")]
    [TestCase("  \t ", TestName = "Blanks_are_not_a_command")]
    [TestCase("null", TestName = "Null_is_not_a_command")]
    [TestCase("1", TestName = "A_number_is_not_a_command")]
    [TestCase("\"connect\"", TestName = "A_string_is_not_a_command")]
    [TestCase("[]", TestName = "An_empty_array_is_not_a_command")]
    [TestCase("[{\"id\":1,\"connect\":{}}]", TestName = "An_array_of_commands_is_not_a_command")]
    [TestCase("{\"id\":1,\"connect\":{}}{\"id\":2,\"rpc\":{}}", TestName = "Two_objects_are_not_a_command")]
    [TestCase("{\"id\":1,\"connect\":{}} x", TestName = "Something_after_the_object_is_refused")]
    [TestCase("{\"id\":1,\"connect\":{}}\0", TestName = "A_null_byte_after_the_object_is_refused")]
    [TestCase("\ufeff{\"id\":1,\"connect\":{}}", TestName = "A_byte_order_mark_is_refused")]
    public void Text_that_is_not_one_object_is_refused(string json) => AssertRefused(json);

    [TestCase("{")]
    [TestCase("{\"id\":1,\"connect\":{}")]
    [TestCase("{\"id\":1,\"connect\":{\"token\":\"a}}")]
    [TestCase("{id:1,\"connect\":{}}")]
    [TestCase("{'id':1,'connect':{}}")]
    [TestCase("{\"id\":1,\"connect\":{},}")]
    [TestCase("{\"id\":1,\"publish\":{\"data\":[1,]}}")]
    [TestCase("{\"id\":1,\"publish\":{\"data\":{\"a\"}}}")]
    [TestCase("{\"id\":1,\"publish\":{\"data\":}}")]
    [TestCase("{\"id\":1,\"publish\":{\"data\":nul}}")]
    [TestCase("{\"id\":1,\"publish\":{\"data\":NaN}}")]
    [TestCase("{\"id\":1,\"publish\":{\"data\":01}}")]
    [TestCase("{\"id\":1,\"publish\":{\"data\":\"\\x\"}}")]
    [TestCase("{\"id\":1,\"publish\":{\"data\":\"a\tb\"}}")]
    [TestCase("{\"id\":1,\"publish\":{\"data\":\"a\nb\"}}")]
    [TestCase("{\"id\":1,/* comment */\"connect\":{}}")]
    public void Text_that_is_not_JSON_is_refused(string json) => AssertRefused(json);

    [TestCase("{\"id\":1}", TestName = "An_id_alone_is_refused")]
    [TestCase("{\"id\":1,\"bogus\":{}}", TestName = "An_unknown_request_is_refused")]
    [TestCase("{\"id\":1,\"ping\":{}}", TestName = "The_former_ping_request_is_refused")]
    [TestCase("{\"id\":1,\"presenceStats\":{}}", TestName = "Names_in_camel_case_are_unknown")]
    [TestCase("{\"id\":1,\"method\":1,\"params\":{}}", TestName = "The_first_protocol_version_is_refused")]
    public void A_command_without_a_known_request_is_refused(string json) => AssertRefused(json);

    [TestCase("connect")]
    [TestCase("subscribe")]
    [TestCase("unsubscribe")]
    [TestCase("publish")]
    [TestCase("presence")]
    [TestCase("presence_stats")]
    [TestCase("history")]
    [TestCase("rpc")]
    [TestCase("refresh")]
    [TestCase("sub_refresh")]
    public void A_request_with_a_reply_needs_an_id(string name)
    {
        AssertRefused($"{{\"{name}\":{{}}}}");
        AssertRefused($"{{\"id\":0,\"{name}\":{{}}}}");
        AssertRefused($"{{\"id\":3,\"{name}\":{{}},\"id\":0}}");
    }

    [TestCase("\"1\"")]
    [TestCase("1.5")]
    [TestCase("1.0")]
    [TestCase("1e0")]
    [TestCase("-1")]
    [TestCase("4294967296")]
    [TestCase("12345678901234567890")]
    [TestCase("null")]
    [TestCase("true")]
    [TestCase("[1]")]
    [TestCase("{}")]
    public void An_id_that_is_not_a_whole_number_of_32_bits_is_refused(string id) => AssertRefused($"{{\"id\":{id},\"connect\":{{}}}}");

    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("\"\"")]
    [TestCase("1")]
    [TestCase("true")]
    public void A_request_that_is_not_an_object_is_refused(string request)
    {
        AssertRefused($"{{\"id\":1,\"connect\":{request}}}");
        AssertRefused($"{{\"id\":1,\"connect\":{{}},\"rpc\":{request}}}");
    }

    [TestCase("\"channel\":1")]
    [TestCase("\"channel\":[\"a\"]")]
    [TestCase("\"channel\":{}")]
    [TestCase("\"channel\":true")]
    [TestCase("\"token\":5")]
    [TestCase("\"token\":{\"a\":1}")]
    [TestCase("\"delta\":false")]
    [TestCase("\"recover\":\"true\"")]
    [TestCase("\"recover\":1")]
    [TestCase("\"recover\":{}")]
    public void A_field_of_a_wrong_type_is_refused(string field)
    {
        AssertRefused($"{{\"id\":1,\"subscribe\":{{{field}}}}}");
        AssertRefused($"{{\"id\":1,\"subscribe\":{{{field},\"channel\":\"a\",\"token\":\"t\",\"delta\":\"\",\"recover\":true}}}}");
    }

    [TestCase("subscribe", "\"epoch\":1")]
    [TestCase("subscribe", "\"offset\":-1")]
    [TestCase("subscribe", "\"offset\":1.0")]
    [TestCase("subscribe", "\"offset\":18446744073709551616")]
    [TestCase("subscribe", "\"offset\":\"1\"")]
    [TestCase("subscribe", "\"positioned\":1")]
    [TestCase("subscribe", "\"recoverable\":\"\"")]
    [TestCase("subscribe", "\"join_leave\":[]")]
    [TestCase("subscribe", "\"flag\":true")]
    [TestCase("subscribe", "\"tf\":[]")]
    [TestCase("subscribe", "\"tf\":\"a\"")]
    [TestCase("subscribe", "\"type\":2147483648")]
    [TestCase("subscribe", "\"phase\":1.5")]
    [TestCase("subscribe", "\"cursor\":1")]
    [TestCase("subscribe", "\"limit\":\"1\"")]
    [TestCase("subscribe", "\"asc\":0")]
    [TestCase("publish", "\"type\":\"1\"")]
    [TestCase("publish", "\"key\":1")]
    [TestCase("publish", "\"removed\":1")]
    [TestCase("history", "\"limit\":2147483648")]
    [TestCase("history", "\"limit\":\"1\"")]
    [TestCase("history", "\"reverse\":1")]
    [TestCase("history", "\"since\":5")]
    [TestCase("history", "\"since\":{\"offset\":-1}")]
    [TestCase("history", "\"since\":{\"epoch\":{}}")]
    [TestCase("rpc", "\"method\":1")]
    [TestCase("refresh", "\"token\":1")]
    [TestCase("sub_refresh", "\"token\":1")]
    [TestCase("sub_refresh", "\"type\":true")]
    [TestCase("sub_refresh", "\"track\":{}")]
    [TestCase("sub_refresh", "\"track\":[null]")]
    [TestCase("sub_refresh", "\"track\":[[]]")]
    [TestCase("sub_refresh", "\"track\":[{\"signature\":1}]")]
    [TestCase("sub_refresh", "\"track\":[{\"items\":\"k\"}]")]
    [TestCase("sub_refresh", "\"track\":[{\"items\":[\"k\"]}]")]
    [TestCase("sub_refresh", "\"track\":[{\"items\":[{\"key\":1}]}]")]
    [TestCase("sub_refresh", "\"track\":[{\"items\":[{\"version\":-1}]}]")]
    [TestCase("sub_refresh", "\"untrack\":\"k\"")]
    [TestCase("sub_refresh", "\"untrack\":[null]")]
    [TestCase("sub_refresh", "\"untrack\":[1]")]
    [TestCase("connect", "\"flag\":\"1\"")]
    [TestCase("connect", "\"dict\":1")]
    [TestCase("connect", "\"profile\":{}")]
    [TestCase("connect", "\"version\":1")]
    [TestCase("connect", "\"subs\":[]")]
    [TestCase("connect", "\"subs\":{\"a\":{\"recover\":1}}")]
    public void A_field_of_a_wrong_type_is_refused_in_the_request_that_has_it(string request, string field) =>
        AssertRefused($"{{\"id\":1,\"{request}\":{{{field}}}}}");

    [Test]
    public void The_keys_of_one_command_are_limited()
    {
        static string Tracks(int keys) => $"{{\"id\":1,\"sub_refresh\":{{\"track\":[{{\"items\":[{string.Join(',', Enumerable.Repeat("{}", keys))}]}}],\"untrack\":[\"k\"]}}}}";

        Assert.That(JsonCommandReader.TryRead(Tracks(ProtocolLimits.MaxTrackedKeys - 2).Utf8(), out var command), Is.True);
        Assert.That(command.SubRefresh.Keys!.Batches.Single().Items, Has.Count.EqualTo(ProtocolLimits.MaxTrackedKeys - 2));
        AssertRefused(Tracks(ProtocolLimits.MaxTrackedKeys - 1));
    }

    [TestCase("\\ud800")]
    [TestCase("\\udc00")]
    [TestCase("\\udc00\\ud800")]
    [TestCase("a\\ud83dx")]
    public void Half_a_surrogate_pair_in_a_string_is_refused(string text)
    {
        AssertRefused($"{{\"id\":1,\"subscribe\":{{\"channel\":\"{text}\"}}}}");
        AssertRefused($"{{\"id\":1,\"connect\":{{\"token\":\"{text}\"}}}}");
        AssertRefused($"{{\"id\":1,\"connect\":{{\"{text}\":1}}}}");
        AssertRefused($"{{\"{text}\":1,\"id\":1,\"connect\":{{}}}}");
    }

    [TestCase(new byte[] { 0xFF })]
    [TestCase(new byte[] { 0xC3 })]
    [TestCase(new byte[] { 0xED, 0xA0, 0x80 })]
    public void Bytes_that_are_not_UTF8_outside_of_strings_are_refused(byte[] bytes)
    {
        byte[] json = [.. "{\"id\":1,"u8, .. bytes, .. "\"connect\":{}}"u8];

        Assert.That(JsonCommandReader.TryRead(json, out _), Is.False);
    }

    [Test]
    public void A_truncated_command_is_refused()
    {
        var json = "{\"id\":12,\"publish\":{\"channel\":\"\\u0061b\",\"data\":{\"a\":[true,null,1.5e3]},\"x\":\"y\"}}".Utf8();

        var read = Enumerable.Range(0, json.Length).Where(length => JsonCommandReader.TryRead(json.AsMemory(0, length), out _));

        Assert.That(read, Is.Empty);
        Assert.That(JsonCommandReader.TryRead(json, out _), Is.True);
    }

    private static void AssertRefused(string json) => Assert.That(JsonCommandReader.TryRead(json.Utf8(), out _), Is.False, json);
}
