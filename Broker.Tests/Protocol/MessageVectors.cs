using System.Buffers;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Protocol;

/// <summary>A reply or push, how to write it, and the bytes it goes out as: in JSON, and as hex in Protobuf with its length.</summary>
internal sealed record MessageVector(string Name, Func<MessageCodec, IBufferWriter<byte>, bool> Write, string Json, string Hex)
{
    /// <summary>JSON has its data as a string.</summary>
    public bool IsText { get; init; }

    public bool IsPush => Json.StartsWith("{\"push\"", StringComparison.Ordinal);

    public override string ToString() => Name;
}

/// <summary>Messages as both encodings write them. The hex is checked against the official client's encoder.</summary>
internal static class MessageVectors
{
    private static readonly Guid Id = new("0407eac7-0000-4abc-8def-123456789abc");
    private static readonly Guid OtherId = new("11111111-2222-4333-8444-555555555555");
    private static readonly ClientInfo Anonymous = new("", Id);
    private static readonly ClientInfo Alice = new("al\"ice é", OtherId, "{\"c\":1}".Utf8(), "[2]".Utf8());
    private static readonly ChannelName Channel = TestChannel.Named("public.town \"x\"");
    private static readonly Dictionary<string, string> Tags = new() { ["é"] = "" };
    private static readonly StoredPublication First = new(1, new("{\"a\":1}".Utf8()));
    private static readonly StoredPublication Second = new(300, new("null".Utf8(), Alice, Tags));

    private static readonly WirePublication Entry = new() { Publication = new("{\"a\":1}".Utf8()), Offset = 7, Key = "k1" };

    private const string IdText = "0407eac7-0000-4abc-8def-123456789abc";
    private const string AnonymousJson = "{\"user\":\"\",\"client\":\"0407eac7-0000-4abc-8def-123456789abc\"}";
    private const string AliceJson =
        "{\"user\":\"al\\\"ice é\",\"client\":\"11111111-2222-4333-8444-555555555555\",\"conn_info\":{\"c\":1},\"chan_info\":[2]}";
    private const string FirstJson = "{\"data\":{\"a\":1},\"offset\":1}";
    private const string SecondJson = "{\"data\":null,\"info\":" + AliceJson + ",\"offset\":300,\"tags\":{\"é\":\"\"}}";

    public static IEnumerable<MessageVector> All { get; } = [.. Replies(), .. Pushes()];

    public static IEnumerable<MessageVector> PushesOnly => All.Where(vector => vector.IsPush);

    private static IEnumerable<MessageVector> Replies() =>
    [
        new("error", (codec, output) => Done(() => codec.WriteError(output, 1, ErrorCode.Forbidden)),
            "{\"id\":1,\"error\":{\"code\":403,\"message\":\"permission denied\"}}", "1A0801121608930312117065726D697373696F6E2064656E696564"),
        new("error that is temporary", (codec, output) => Done(() => codec.WriteError(output, uint.MaxValue, ErrorCode.Internal.Because("é \"\n\\\u0001"))),
            "{\"id\":4294967295,\"error\":{\"code\":100,\"message\":\"é \\\"\\n\\\\\\u0001\",\"temporary\":true}}", "1508FFFFFFFF0F120D08641207C3A920220A5C011801"),
        new("connected", (codec, output) => codec.TryWriteConnected(output, 1, new(Id, "0.1.0 ClawEvents", 0, 25) { Pong = true }),
            "{\"id\":1,\"connect\":{\"client\":\"" + IdText + "\",\"version\":\"0.1.0 ClawEvents\",\"ping\":25,\"pong\":true}}",
            "4008012A3C0A2430343037656163372D303030302D346162632D386465662D3132333435363738396162631210302E312E3020436C61774576656E747338194001"),
        new("connected with everything",
            (codec, output) => codec.TryWriteConnected(output, 1, new(Id, "v", 604800, 25)
            {
                Pong = true, Data = "{\"d\":[]}".Utf8(), Session = "s1", Node = "n1", Time = 1767225600000,
                Subscriptions =
                [
                    new(Channel, default),
                    new(TestChannel.Named("b"), new() { Recoverable = true, Positioned = true, Position = new(3, "abcd"), Publications = [WirePublication.Of(First)] }),
                ],
            }),
            "{\"id\":1,\"connect\":{\"client\":\"" + IdText + "\",\"version\":\"v\",\"expires\":true,\"ttl\":604800,\"data\":{\"d\":[]},\"subs\":{\"public.town \\\"x\\\"\":{},"
            + "\"b\":{\"recoverable\":true,\"epoch\":\"abcd\",\"publications\":[" + FirstJson + "],\"offset\":3,\"positioned\":true}},\"ping\":25,\"pong\":true,\"session\":\"s1\","
            + "\"node\":\"n1\",\"time\":1767225600000}}",
            "860108012A81010A2430343037656163372D303030302D346162632D386465662D31323334353637383961626312017618012080F5242A087B2264223A5B5D7D32130A0F7075"
            + "626C69632E746F776E202278221200321E0A0162121918013204616263643A0B22077B2261223A317D300148035001381940014A02733152026E315880D0EAB6B733"),
        new("subscribed", (codec, output) => codec.TryWriteSubscribed(output, 2, default), "{\"id\":2,\"subscribe\":{}}", "0408023200"),
        new("subscribed with a position",
            (codec, output) => codec.TryWriteSubscribed(output, 2, new() { Recoverable = true, Positioned = true, Position = new(0, "sAkC") }),
            "{\"id\":2,\"subscribe\":{\"recoverable\":true,\"epoch\":\"sAkC\",\"positioned\":true}}", "0E0802320A1801320473416B435001"),
        new("subscribed without recovery", (codec, output) => codec.TryWriteSubscribed(output, 2, new() { WasRecovering = true }),
            "{\"id\":2,\"subscribe\":{\"was_recovering\":true}}", "06080232026001"),
        new("subscribed with everything",
            (codec, output) => codec.TryWriteSubscribed(output, 2, new()
            {
                TimeToLiveSeconds = 60, Recoverable = true, Positioned = true, Position = new(9007199254740991, "jGWs"), Publications = [WirePublication.Of(First), WirePublication.Of(Second)],
                Recovered = true, WasRecovering = true, Data = "{\"sub\":1}".Utf8(),
            }),
            "{\"id\":2,\"subscribe\":{\"expires\":true,\"ttl\":60,\"recoverable\":true,\"epoch\":\"jGWs\",\"publications\":[" + FirstJson + "," + SecondJson
            + "],\"recovered\":true,\"offset\":9007199254740991,\"positioned\":true,\"data\":{\"sub\":1},\"was_recovering\":true}}",
            "8C0108023287010801103C180132046A4757733A0B22077B2261223A317D30013A5222046E756C6C2A3F0A09616C2269636520C3A9122431313131313131312D323232322D34"
            + "3333332D383434342D3535353535353535353535351A077B2263223A317D22035B325D30AC023A060A02C3A91200400148FFFFFFFFFFFFFF0F50015A097B22737562223A317D"
            + "6001"),
        new("subscribed with deltas",
            (codec, output) => codec.TryWriteSubscribed(output, 2, new()
            {
                Publications = [WirePublication.Of(First, PublicationForm.Whole), WirePublication.Of(new StoredPublication(2, new("7\n7@0,x;".Utf8())), PublicationForm.Patch)], Recovered = true, Delta = true,
            }),
            "{\"id\":2,\"subscribe\":{\"publications\":[{\"data\":\"{\\\"a\\\":1}\",\"offset\":1},{\"data\":\"7\\n7@0,x;\",\"offset\":2,\"delta\":true}],"
            + "\"recovered\":true,\"delta\":true}}",
            "25080232213A0B22077B2261223A317D30013A0E2208370A3740302C783B3002400140016801") { IsText = true },
        new("subscribed to a page of a map",
            (codec, output) => codec.TryWriteSubscribed(output, 2, new()
            {
                Position = new(300, "e"), Type = 1, Phase = 2, Cursor = "k\"1", State = [Entry, Entry with { Key = "é", Score = -3 }], PublishDebounceMilliseconds = 50,
            }),
            "{\"id\":2,\"subscribe\":{\"epoch\":\"e\",\"offset\":300,\"type\":1,\"phase\":2,\"cursor\":\"k\\\"1\",\"state\":[{\"data\":{\"a\":1},\"offset\":7,\"key\":\"k1\"},"
            + "{\"data\":{\"a\":1},\"offset\":7,\"key\":\"é\",\"score\":-3}],\"publish_debounce\":50}}",
            "3E0802323A32016548AC0278018001028A01036B223192010F22077B2261223A317D30075A026B3192011122077B2261223A317D30075A02C3A96805980132"),
        new("unsubscribed", (codec, output) => Done(() => codec.WriteUnsubscribed(output, 3)), "{\"id\":3,\"unsubscribe\":{}}", "0408033A00"),
        new("published", (codec, output) => Done(() => codec.WritePublished(output, 4)), "{\"id\":4,\"publish\":{}}", "0408044200"),
        new("presence of nobody", (codec, output) => codec.TryWritePresence(output, 5, []), "{\"id\":5,\"presence\":{\"presence\":{}}}", "0408054A00"),
        new("presence", (codec, output) => codec.TryWritePresence(output, 5, [Anonymous, Alice]),
            "{\"id\":5,\"presence\":{\"presence\":{\"" + IdText + "\":" + AnonymousJson + ",\"11111111-2222-4333-8444-555555555555\":" + AliceJson + "}}}",
            "BE0108054AB9010A4E0A2430343037656163372D303030302D346162632D386465662D3132333435363738396162631226122430343037656163372D303030302D346162632D"
            + "386465662D3132333435363738396162630A670A2431313131313131312D323232322D343333332D383434342D353535353535353535353535123F0A09616C2269636520C3A9"
            + "122431313131313131312D323232322D343333332D383434342D3535353535353535353535351A077B2263223A317D22035B325D"),
        new("presence_stats of nobody", (codec, output) => Done(() => codec.WritePresenceStats(output, 6, 0, 0)),
            "{\"id\":6,\"presence_stats\":{\"num_clients\":0,\"num_users\":0}}", "0408065200"),
        new("presence_stats", (codec, output) => Done(() => codec.WritePresenceStats(output, 6, 200, 1)),
            "{\"id\":6,\"presence_stats\":{\"num_clients\":200,\"num_users\":1}}", "090806520508C8011001"),
        new("history of the position", (codec, output) => codec.TryWriteHistory(output, 7, [], new(0, "")),
            "{\"id\":7,\"history\":{\"publications\":[],\"epoch\":\"\",\"offset\":0}}", "0408075A00"),
        new("history", (codec, output) => codec.TryWriteHistory(output, 7, [First, Second], new(300, "e")),
            "{\"id\":7,\"history\":{\"publications\":[" + FirstJson + "," + SecondJson + "],\"epoch\":\"e\",\"offset\":300}}",
            "6B08075A670A0B22077B2261223A317D30010A5222046E756C6C2A3F0A09616C2269636520C3A9122431313131313131312D323232322D343333332D383434342D3535353535"
            + "353535353535351A077B2263223A317D22035B325D30AC023A060A02C3A9120012016518AC02"),
        new("rpc", (codec, output) => codec.TryWriteRpcResult(output, 8, "{\"sum\":3}"u8), "{\"id\":8,\"rpc\":{\"data\":{\"sum\":3}}}", "0F08086A0B0A097B2273756D223A337D"),
        new("rpc without data", (codec, output) => codec.TryWriteRpcResult(output, 8, default), "{\"id\":8,\"rpc\":{}}", "0408086A00"),
        new("refreshed", (codec, output) => Done(() => codec.WriteRefreshed(output, 9, new(Id, "v", 60))),
            "{\"id\":9,\"refresh\":{\"client\":\"" + IdText + "\",\"version\":\"v\",\"expires\":true,\"ttl\":60}}",
            "310809722D0A2430343037656163372D303030302D346162632D386465662D3132333435363738396162631201761801203C"),
        new("refreshed for good", (codec, output) => Done(() => codec.WriteRefreshed(output, 9, new(Id, "v", 0))),
            "{\"id\":9,\"refresh\":{\"client\":\"" + IdText + "\",\"version\":\"v\"}}",
            "2D080972290A2430343037656163372D303030302D346162632D386465662D313233343536373839616263120176"),
        new("sub_refreshed", (codec, output) => codec.TryWriteSubscriptionRefreshed(output, 10, new(60)),
            "{\"id\":10,\"sub_refresh\":{\"expires\":true,\"ttl\":60}}", "08080A7A040801103C"),
        new("sub_refreshed for good", (codec, output) => codec.TryWriteSubscriptionRefreshed(output, 10, default), "{\"id\":10,\"sub_refresh\":{}}", "04080A7A00"),
        new("sub_refreshed with items",
            (codec, output) => codec.TryWriteSubscriptionRefreshed(output, 10, new(60, [Entry with { Offset = 0, Version = 300 }, new() { Publication = default, Key = "b", IsRemoved = true }])),
            "{\"id\":10,\"sub_refresh\":{\"expires\":true,\"ttl\":60,\"items\":[{\"data\":{\"a\":1},\"key\":\"k1\",\"version\":300},{\"key\":\"b\",\"removed\":true}]}}",
            "22080A7A1E0801103C1A1122077B2261223A317D5A026B318001AC021A055A01626001"),
    ];

    private static IEnumerable<MessageVector> Pushes() =>
    [
        new("publication", (codec, output) => codec.TryWritePublicationPush(output, Channel, new() { Publication = new("{\"a\":1}".Utf8()) }),
            "{\"push\":{\"channel\":\"public.town \\\"x\\\"\",\"pub\":{\"data\":{\"a\":1}}}}",
            "1E221C120F7075626C69632E746F776E20227822220922077B2261223A317D"),
        new("publication with everything",
            (codec, output) => codec.TryWritePublicationPush(output, Channel, new() { Publication = new("0".Utf8(), Alice, Tags), Offset = 1, Epoch = "xyzt", Time = 1767225600000 }),
            "{\"push\":{\"channel\":\"public.town \\\"x\\\"\",\"pub\":{\"data\":0,\"info\":" + AliceJson
            + ",\"offset\":1,\"tags\":{\"é\":\"\"},\"time\":1767225600000,\"epoch\":\"xyzt\"}}}",
            "70226E120F7075626C69632E746F776E20227822225B2201302A3F0A09616C2269636520C3A9122431313131313131312D323232322D343333332D383434342D353535353535"
            + "3535353535351A077B2263223A317D22035B325D30013A060A02C3A912004880D0EAB6B733720478797A74"),
        new("publication of an entry of a map",
            (codec, output) => codec.TryWritePublicationPush(output, Channel, Entry with { Offset = 1, Epoch = "xyzt", Time = 1767225600000, Score = 64 }),
            "{\"push\":{\"channel\":\"public.town \\\"x\\\"\",\"pub\":{\"data\":{\"a\":1},\"offset\":1,\"time\":1767225600000,\"key\":\"k1\",\"score\":64,\"epoch\":\"xyzt\"}}}",
            "342232120F7075626C69632E746F776E20227822221F22077B2261223A317D30014880D0EAB6B7335A026B31688001720478797A74"),
        new("publication of an entry that is gone", (codec, output) => codec.TryWritePublicationPush(output, Channel, new() { Publication = default, Offset = 8, Key = "k1", IsRemoved = true }),
            "{\"push\":{\"channel\":\"public.town \\\"x\\\"\",\"pub\":{\"offset\":8,\"key\":\"k1\",\"removed\":true}}}", "1D221B120F7075626C69632E746F776E20227822220830085A026B316001"),
        new("publication of nothing", (codec, output) => codec.TryWritePublicationPush(output, Channel, new() { Publication = default, Offset = 2 }),
            "{\"push\":{\"channel\":\"public.town \\\"x\\\"\",\"pub\":{\"offset\":2}}}", "172215120F7075626C69632E746F776E2022782222023002"),
        new("publication, whole, to a subscriber with deltas",
            (codec, output) => codec.TryWritePublicationPush(output, Channel, new() { Publication = new("{\"a\":\"é\\n\"}".Utf8()), Form = PublicationForm.Whole, Offset = 1 }),
            "{\"push\":{\"channel\":\"public.town \\\"x\\\"\",\"pub\":{\"data\":\"{\\\"a\\\":\\\"é\\\\n\\\"}\",\"offset\":1}}}",
            "252223120F7075626C69632E746F776E202278222210220C7B2261223A22C3A95C6E227D3001") { IsText = true },
        new("publication, as a patch",
            (codec, output) => codec.TryWritePublicationPush(output, Channel, new() { Publication = new("A\n2@0,5:\"é\t;".Utf8(), Anonymous), Form = PublicationForm.Patch, Offset = 2 }),
            "{\"push\":{\"channel\":\"public.town \\\"x\\\"\",\"pub\":{\"data\":\"A\\n2@0,5:\\\"é\\t;\",\"info\":" + AnonymousJson + ",\"offset\":2,\"delta\":true}}}",
            "50224E120F7075626C69632E746F776E20227822223B220D410A3240302C353A22C3A9093B2A26122430343037656163372D303030302D346162632D386465662D3132333435"
            + "3637383961626330024001") { IsText = true },
        new("join", (codec, output) => codec.TryWriteJoinPush(output, Channel, Alice),
            "{\"push\":{\"channel\":\"public.town \\\"x\\\"\",\"join\":{\"info\":" + AliceJson + "}}}",
            "562254120F7075626C69632E746F776E202278222A410A3F0A09616C2269636520C3A9122431313131313131312D323232322D343333332D383434342D353535353535353535"
            + "3535351A077B2263223A317D22035B325D"),
        new("leave", (codec, output) => codec.TryWriteLeavePush(output, Channel, Anonymous),
            "{\"push\":{\"channel\":\"public.town \\\"x\\\"\",\"leave\":{\"info\":" + AnonymousJson + "}}}",
            "3D223B120F7075626C69632E746F776E2022782232280A26122430343037656163372D303030302D346162632D386465662D313233343536373839616263"),
        new("unsubscribe", (codec, output) => Done(() => codec.WriteUnsubscribePush(output, Channel, UnsubscribeCode.InsufficientState)),
            "{\"push\":{\"channel\":\"public.town \\\"x\\\"\",\"unsubscribe\":{\"code\":2500,\"reason\":\"insufficient state\"}}}",
            "2C222A120F7075626C69632E746F776E202278223A1710C4131A12696E73756666696369656E74207374617465"),
        new("subscribe", (codec, output) => codec.TryWriteSubscribePush(output, Channel, default),
            "{\"push\":{\"channel\":\"public.town \\\"x\\\"\",\"subscribe\":{}}}", "152213120F7075626C69632E746F776E202278224A00"),
        new("subscribe with everything",
            (codec, output) => codec.TryWriteSubscribePush(output, Channel, new()
            {
                Recoverable = true, Positioned = true, Position = new(300, "e"), Data = "[1]".Utf8(), TimeToLiveSeconds = 5, Recovered = true, WasRecovering = true, Delta = true,
            }),
            "{\"push\":{\"channel\":\"public.town \\\"x\\\"\",\"subscribe\":{\"recoverable\":true,\"epoch\":\"e\",\"offset\":300,\"positioned\":true,\"data\":[1]}}}",
            "242222120F7075626C69632E746F776E202278224A0F080122016528AC0230013A035B315D"),
        new("message", (codec, output) => codec.TryWriteMessagePush(output, "{\"m\":1}"u8), "{\"push\":{\"message\":{\"data\":{\"m\":1}}}}", "0D220B42090A077B226D223A317D"),
        new("connect", (codec, output) => codec.TryWriteConnectPush(output, new(Id, "v", 0, 25) { Session = "s" }),
            "{\"push\":{\"connect\":{\"client\":\"" + IdText + "\",\"version\":\"v\",\"ping\":25,\"session\":\"s\"}}}",
            "322230522E0A2430343037656163372D303030302D346162632D386465662D31323334353637383961626312017638194A0173"),
        new("disconnect", (codec, output) => Done(() => codec.WriteDisconnectPush(output, DisconnectCode.Shutdown)),
            "{\"push\":{\"disconnect\":{\"code\":3001,\"reason\":\"shutdown\"}}}", "11220F5A0D08B917120873687574646F776E"),
        new("refresh", (codec, output) => Done(() => codec.WriteRefreshPush(output, 25)), "{\"push\":{\"refresh\":{\"expires\":true,\"ttl\":25}}}", "082206620408011019"),
        new("refresh for good", (codec, output) => Done(() => codec.WriteRefreshPush(output, 0)), "{\"push\":{\"refresh\":{}}}", "0422026200"),
    ];

    private static bool Done(Action write)
    {
        write();
        return true;
    }
}
