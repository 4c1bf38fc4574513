using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Protocol;

/// <summary>A command, and the bytes it comes as: in JSON, and as hex in Protobuf with its length.</summary>
internal sealed record CommandVector(string Name, Command Command, string Json, string Hex)
{
    public override string ToString() => Name;
}

/// <summary>Commands that both encodings read alike. The hex is checked against the official client's encoder.</summary>
internal static class CommandVectors
{
    public static IEnumerable<CommandVector> All { get; } =
    [
        new("pong", new(CommandKind.Pong, 0), "{}", "00"),
        new("connect", new(CommandKind.Connect, 1), "{\"id\":1,\"connect\":{}}", "0408012200"),
        new("connect with a token", new(CommandKind.Connect, 300) { Connect = new() { Token = "a.b.c".Utf8(), Data = "{\"a\":1}".Utf8() } },
            "{\"id\":300,\"connect\":{\"token\":\"a.b.c\",\"data\":{\"a\":1}}}", "1508AC0222100A05612E622E6312077B2261223A317D"),
        new("connect with everything", new(CommandKind.Connect, 1) { Connect = new() { Details = Everything() } },
            "{\"id\":1,\"connect\":{\"subs\":{\"news\":{\"recover\":true,\"epoch\":\"xyz\",\"offset\":7},\"\":{}},\"name\":\"js\",\"version\":\"5.7.1\","
            + "\"headers\":{\"Cookie\":\"a=b\",\"X-é\":\"\"},\"flag\":1,\"dict\":\"d\",\"profile\":\"p\"}}",
            "430801223F1A110A046E65777312091801320378797A38071A040A00120022026A732A05352E372E31320D0A06436F6F6B69651203613D6232080A04582DC3A912003801"),
        new("subscribe", new(CommandKind.Subscribe, 2) { Subscribe = new() { Channel = "public.townsquare".Utf8() } },
            "{\"id\":2,\"subscribe\":{\"channel\":\"public.townsquare\",\"flag\":1}}", "1908022A150A117075626C69632E746F776E7371756172657001"),
        new("subscribe with everything",
            new(CommandKind.Subscribe, 2)
            {
                Subscribe = new() { Channel = "é:😀".Utf8(), Token = "t".Utf8(), Data = "null".Utf8(), Type = 1, Wish = WishForEverything, Page = new() { Phase = 2, Cursor = "c".Utf8(), Limit = 100, Ascending = true } },
            },
            "{\"id\":2,\"subscribe\":{\"channel\":\"é:😀\",\"token\":\"t\",\"recover\":true,\"epoch\":\"abcd\",\"offset\":9007199254740991,\"data\":null,\"positioned\":true,"
            + "\"recoverable\":true,\"join_leave\":true,\"delta\":\"fossil\",\"tf\":{\"op\":\"and\",\"nodes\":[{\"key\":\"k\",\"cmp\":\"in\",\"vals\":[\"a\",\"b\"]}]},\"flag\":3,\"type\":1,"
            + "\"phase\":2,\"cursor\":\"c\",\"limit\":100,\"asc\":true}}",
            "5C08022A580A07C3A93AF09F9880120174180132046162636438FFFFFFFFFFFFFF0F42046E756C6C4801500158016206666F7373696C6A140A03616E64320D12016B1A02696E"
            + "2A01612A0162700378018001028A010163900164980101"),
        new("subscribe with an unknown delta", new(CommandKind.Subscribe, 2) { Subscribe = new() { Channel = "a".Utf8(), Wish = new() { Delta = DeltaType.Unknown } } },
            "{\"id\":2,\"subscribe\":{\"channel\":\"a\",\"delta\":\"zip\"}}", "0C08022A080A016162037A6970"),
        new("unsubscribe", new(CommandKind.Unsubscribe, 3) { Unsubscribe = new() { Channel = "a".Utf8() } }, "{\"id\":3,\"unsubscribe\":{\"channel\":\"a\"}}", "07080332030A0161"),
        new("publish", new(CommandKind.Publish, 4) { Publish = new() { Channel = "a".Utf8(), Data = "{\"text\":\"é\",\"n\":[1,2]}".Utf8(), Type = 1, Key = "k".Utf8(), Removed = true } },
            "{\"id\":4,\"publish\":{\"channel\":\"a\",\"data\":{\"text\":\"é\",\"n\":[1,2]},\"type\":1,\"key\":\"k\",\"removed\":true}}",
            "2708043A230A016112177B2274657874223A22C3A9222C226E223A5B312C325D7D180122016B2801"),
        new("publish of null", new(CommandKind.Publish, 4) { Publish = new() { Channel = "a".Utf8(), Data = "null".Utf8() } },
            "{\"id\":4,\"publish\":{\"channel\":\"a\",\"data\":null}}", "0D08043A090A016112046E756C6C"),
        new("publish of nothing", new(CommandKind.Publish, uint.MaxValue) { Publish = new() { Channel = "a".Utf8() } },
            "{\"id\":4294967295,\"publish\":{\"channel\":\"a\"}}", "0B08FFFFFFFF0F3A030A0161"),
        new("presence", new(CommandKind.Presence, 5) { Presence = new() { Channel = "a".Utf8() } }, "{\"id\":5,\"presence\":{\"channel\":\"a\"}}", "07080542030A0161"),
        new("presence_stats", new(CommandKind.PresenceStats, 6) { PresenceStats = new() { Channel = "a".Utf8() } }, "{\"id\":6,\"presence_stats\":{\"channel\":\"a\"}}", "0708064A030A0161"),
        new("history of the position", new(CommandKind.History, 7) { History = new() { Channel = "a".Utf8() } }, "{\"id\":7,\"history\":{\"channel\":\"a\"}}", "07080752030A0161"),
        new("history with everything",
            new(CommandKind.History, 7) { History = new() { Channel = "a".Utf8(), Limit = 10, HasSince = true, Offset = 5, Epoch = "e".Utf8(), Reverse = true } },
            "{\"id\":7,\"history\":{\"channel\":\"a\",\"limit\":10,\"since\":{\"offset\":5,\"epoch\":\"e\"},\"reverse\":true}}", "120807520E0A0161380A420508051201654801"),
        new("history of all since the beginning", new(CommandKind.History, 7) { History = new() { Channel = "a".Utf8(), Limit = -1, HasSince = true } },
            "{\"id\":7,\"history\":{\"channel\":\"a\",\"limit\":-1,\"since\":{}}}", "14080752100A016138FFFFFFFFFFFFFFFFFF014200"),
        new("rpc", new(CommandKind.Rpc, 8) { Rpc = new() { Method = "sum".Utf8(), Data = "[1,2]".Utf8() } }, "{\"id\":8,\"rpc\":{\"data\":[1,2],\"method\":\"sum\"}}", "1008086A0C0A055B312C325D120373756D"),
        new("send", new(CommandKind.Send, 0) { Send = new() { Data = "\"hi\"".Utf8() } }, "{\"send\":{\"data\":\"hi\"}}", "0862060A0422686922"),
        new("send with an id", new(CommandKind.Send, 9), "{\"id\":9,\"send\":{}}", "0408096200"),
        new("refresh", new(CommandKind.Refresh, 10) { Refresh = new() { Token = "t".Utf8() } }, "{\"id\":10,\"refresh\":{\"token\":\"t\"}}", "07080A72030A0174"),
        new("sub_refresh", new(CommandKind.SubRefresh, 11) { SubRefresh = new() { Channel = "a".Utf8(), Token = "t".Utf8(), Type = 1 } },
            "{\"id\":11,\"sub_refresh\":{\"channel\":\"a\",\"token\":\"t\",\"type\":1}}", "0C080B7A080A01611201741801"),
        new("sub_refresh with keys", new(CommandKind.SubRefresh, 11) { SubRefresh = new() { Channel = "a".Utf8(), Type = 1, Keys = Keys() } },
            "{\"id\":11,\"sub_refresh\":{\"channel\":\"a\",\"type\":1,\"track\":[{\"signature\":\"s\",\"items\":[{\"key\":\"é\",\"version\":300},{\"key\":\"b\"}]},{}],"
            + "\"untrack\":[\"c\",\"\"]}}",
            "23080B7A1F0A0161180122110A017312070A02C3A910AC0212030A016222002A01632A00"),
        new("several requests", new(CommandKind.Publish, 12) { Publish = new() { Channel = "a".Utf8() } },
            "{\"id\":12,\"publish\":{\"channel\":\"a\"},\"presence\":{\"channel\":\"b\"},\"rpc\":{\"method\":\"m\"}}", "11080C3A030A016142030A01626A0312016D"),
    ];

    private static SubscriptionWish WishForEverything => new()
    {
        Recover = true,
        Offset = 9007199254740991,
        Epoch = "abcd".Utf8(),
        RejectUnrecovered = true,
        Positioned = true,
        Recoverable = true,
        JoinLeave = true,
        Delta = DeltaType.Fossil,
        Filter = "as each encoding has it".Utf8(),
    };

    private static TrackedKeys Keys()
    {
        var keys = new TrackedKeys();
        keys.Batches.Add(new() { Signature = "s", Items = { new() { Key = "é", Version = 300 }, new() { Key = "b" } } });
        keys.Batches.Add(new());
        keys.Untracked.AddRange(["c", ""]);
        return keys;
    }

    private static ConnectDetails Everything()
    {
        var connect = new ConnectDetails { Name = "js", Version = "5.7.1" };
        connect.TryAddSubscription("news", new() { Channel = "news".Utf8(), Wish = new() { Recover = true, Epoch = "xyz".Utf8(), Offset = 7 } });
        connect.TryAddSubscription("", default);
        connect.TryAddHeader("Cookie", "a=b");
        connect.TryAddHeader("X-é", "");
        return connect;
    }
}
