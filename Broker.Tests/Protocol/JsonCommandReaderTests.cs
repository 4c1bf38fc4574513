using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.Protocol.Json;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Protocol;

/// <summary>Well-formed commands, and the values that are read from them.</summary>
internal sealed class JsonCommandReaderTests
{
    [TestCase("{\"id\":1,\"connect\":{}}", CommandKind.Connect)]
    [TestCase("{\"id\":1,\"subscribe\":{}}", CommandKind.Subscribe)]
    [TestCase("{\"id\":1,\"unsubscribe\":{}}", CommandKind.Unsubscribe)]
    [TestCase("{\"id\":1,\"publish\":{}}", CommandKind.Publish)]
    [TestCase("{\"id\":1,\"presence\":{}}", CommandKind.Presence)]
    [TestCase("{\"id\":1,\"presence_stats\":{}}", CommandKind.PresenceStats)]
    [TestCase("{\"id\":1,\"history\":{}}", CommandKind.History)]
    [TestCase("{\"id\":1,\"rpc\":{}}", CommandKind.Rpc)]
    [TestCase("{\"id\":1,\"send\":{}}", CommandKind.Send)]
    [TestCase("{\"id\":1,\"refresh\":{}}", CommandKind.Refresh)]
    [TestCase("{\"id\":1,\"sub_refresh\":{}}", CommandKind.SubRefresh)]
    public void Each_request_has_its_kind(string json, CommandKind kind)
    {
        var command = Read(json);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(command.Kind, Is.EqualTo(kind));
            Assert.That(command.Id, Is.EqualTo(1));
        }
    }

    [TestCase("{}")]
    [TestCase(" { } ")]
    [TestCase("{\"id\":0}")]
    public void An_empty_command_is_a_pong(string json)
    {
        var command = Read(json);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(command.Kind, Is.EqualTo(CommandKind.Pong));
            Assert.That(command.Id, Is.Zero);
        }
    }

    [TestCase("{\"send\":{\"data\":1}}", 0u)]
    [TestCase("{\"id\":0,\"send\":{\"data\":1}}", 0u)]
    [TestCase("{\"id\":7,\"send\":{\"data\":1}}", 7u)]
    public void A_send_may_go_without_an_id(string json, uint id)
    {
        var command = Read(json);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(command.Kind, Is.EqualTo(CommandKind.Send));
            Assert.That(command.Id, Is.EqualTo(id));
        }
    }

    [TestCase("{\"id\":1,\"rpc\":{}}", 1u)]
    [TestCase("{\"id\":4294967295,\"rpc\":{}}", uint.MaxValue)]
    [TestCase("{\"rpc\":{},\"id\":5}", 5u)]
    [TestCase("{\"id\":4,\"rpc\":{},\"id\":6}", 6u)]
    public void The_last_id_counts_wherever_it_stands(string json, uint id)
    {
        Assert.That(Read(json).Id, Is.EqualTo(id));
    }

    [TestCase("{\"ID\":1,\"Publish\":{\"CHANNEL\":\"a\",\"Data\":1}}")]
    [TestCase("{\"iD\":1,\"PUBLISH\":{\"channel\":\"a\",\"dATA\":1}}")]
    [TestCase("{\"\\u0069d\":1,\"p\\u0075blish\":{\"ch\\u0061nnel\":\"a\",\"d\\u0041ta\":1}}")]
    public void Names_are_matched_in_any_case_and_spelling(string json)
    {
        var command = Read(json);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((command.Kind, command.Id), Is.EqualTo((CommandKind.Publish, 1u)));
            Assert.That(command.Publish.Channel.Text(), Is.EqualTo("a"));
            Assert.That(command.Publish.Data!.Value.Text(), Is.EqualTo("1"));
        }
    }

    [Checklist(25)]
    [TestCase("{\"x\":null,\"id\":1,\"y\":[{\"id\":2}],\"subscribe\":{\"flag\":1,\"channel\":\"a\",\"tf\":{\"channel\":\"b\"},\"z\":[[]]},\"w\":\"\"}")]
    [TestCase("{\"id\":1,\"subscribe\":{\"channel\":\"a\",\"\\u0063hannels\":\"b\"},\"ping\":{}}")]
    public void Unknown_fields_are_ignored(string json)
    {
        var command = Read(json);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((command.Kind, command.Id), Is.EqualTo((CommandKind.Subscribe, 1u)));
            Assert.That(command.Subscribe.Channel.Text(), Is.EqualTo("a"));
        }
    }

    [TestCase("{\"id\":1,\"publish\":{\"recover\":5,\"token\":[],\"since\":1}}")]
    [TestCase("{\"id\":1,\"presence\":{\"data\":1,\"limit\":\"x\"}}")]
    [TestCase("{\"id\":1,\"refresh\":{\"channel\":1}}")]
    public void A_field_of_another_request_is_unknown_and_has_no_type(string json)
    {
        var command = Read(json);

        Assert.That(command, Is.EqualTo(new Command(command.Kind, 1)));
    }

    [TestCase("{\"id\":1,\"publish\":{\"channel\":\"a\",\"data\":1},\"publish\":{\"channel\":\"b\"}}", "b", "1")]
    [TestCase("{\"id\":1,\"publish\":{\"channel\":\"a\"},\"presence\":{\"channel\":\"x\"},\"publish\":{\"data\":2}}", "a", "2")]
    public void Two_equal_requests_are_joined(string json, string channel, string data)
    {
        var command = Read(json);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(command.Kind, Is.EqualTo(CommandKind.Publish));
            Assert.That(command.Publish.Channel.Text(), Is.EqualTo(channel));
            Assert.That(command.Publish.Data?.Text(), Is.EqualTo(data));
        }
    }

    [Test]
    public void Every_field_of_a_request_is_read()
    {
        var command = Read("{\"id\":9,\"subscribe\":{\"channel\":\"c\",\"token\":\"t\",\"data\":{\"a\":[1]},\"delta\":\"fossil\",\"recover\":true}}");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(command.Subscribe.Channel.Text(), Is.EqualTo("c"));
            Assert.That(command.Subscribe.Token.Text(), Is.EqualTo("t"));
            Assert.That(command.Subscribe.Data!.Value.Text(), Is.EqualTo("{\"a\":[1]}"));
            Assert.That(command.Subscribe.Wish.Delta, Is.EqualTo(DeltaType.Fossil));
            Assert.That(command.Subscribe.Wish.Recover, Is.True);
        }
    }

    [TestCase("{\"id\":1,\"subscribe\":{}}")]
    [TestCase("{\"id\":1,\"subscribe\":{\"channel\":null,\"token\":null,\"delta\":null,\"recover\":null}}")]
    [TestCase("{\"id\":1,\"subscribe\":{\"channel\":\"\",\"token\":\"\",\"delta\":\"\",\"recover\":false}}")]
    public void Fields_that_are_missing_null_or_zero_are_empty(string json)
    {
        var command = Read(json);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(command.Subscribe.Channel.IsEmpty, Is.True);
            Assert.That(command.Subscribe.Token.IsEmpty, Is.True);
            Assert.That(command.Subscribe.Wish.Delta, Is.EqualTo(DeltaType.None));
            Assert.That(command.Subscribe.Wish.Recover, Is.False);
            Assert.That(command.Subscribe.Data, Is.Null);
        }
    }

    [TestCase("a\\u002eb", "a.b")]
    [TestCase("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t")]
    [TestCase("\\ud83d\\ude00", "😀")]
    [TestCase("é日", "é日")]
    public void Escapes_in_strings_are_resolved(string spelt, string meant)
    {
        var command = Read($"{{\"id\":1,\"subscribe\":{{\"channel\":\"{spelt}\",\"token\":\"{spelt}\"}}}}");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(command.Subscribe.Channel.Text(), Is.EqualTo(meant));
            Assert.That(command.Subscribe.Token.Text(), Is.EqualTo(meant));
        }
    }

    [Test]
    public void The_last_of_two_equal_fields_counts()
    {
        var command = Read("{\"id\":1,\"publish\":{\"channel\":\"a\",\"data\":1,\"CHANNEL\":\"b\",\"data\":2}}");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(command.Publish.Channel.Text(), Is.EqualTo("b"));
            Assert.That(command.Publish.Data!.Value.Text(), Is.EqualTo("2"));
        }
    }

    [Test]
    public void Of_several_requests_the_first_in_the_protocols_order_counts(
        [Range(0, 10)] int first, [Range(0, 10)] int second)
    {
        string[] order = ["connect", "subscribe", "unsubscribe", "publish", "presence", "presence_stats", "history", "rpc", "send", "refresh", "sub_refresh"];
        var wanted = (CommandKind)(Math.Min(first, second) + 1);

        var command = Read($"{{\"id\":1,\"{order[first]}\":{{\"channel\":\"{first}\"}},\"{order[second]}\":{{\"channel\":\"{second}\"}}}}");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(command.Kind, Is.EqualTo(wanted));
            Assert.That(ChannelOf(command).Text(), Is.EqualTo(HasChannel(wanted) ? $"{Math.Min(first, second)}" : ""));
        }
    }

    private static bool HasChannel(CommandKind kind) =>
        kind is not (CommandKind.Connect or CommandKind.Rpc or CommandKind.Send or CommandKind.Refresh);

    private static ReadOnlyMemory<byte> ChannelOf(in Command command) => command.Kind switch
    {
        CommandKind.Subscribe => command.Subscribe.Channel,
        CommandKind.Unsubscribe => command.Unsubscribe.Channel,
        CommandKind.Publish => command.Publish.Channel,
        CommandKind.Presence => command.Presence.Channel,
        CommandKind.PresenceStats => command.PresenceStats.Channel,
        CommandKind.History => command.History.Channel,
        CommandKind.SubRefresh => command.SubRefresh.Channel,
        _ => default,
    };

    private static Command Read(string json)
    {
        Assert.That(JsonCommandReader.TryRead(json.Utf8(), out var command), Is.True, json);
        return command;
    }
}
