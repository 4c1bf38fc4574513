using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Protocol;

/// <summary>Filters that match, and filters that are invalid.</summary>
internal sealed class TagFilterTests
{
    private static readonly Dictionary<string, string> Tags = new() { ["a"] = "text", ["n"] = "10.50", ["e"] = "" };

    [TestCase("""{"key":"a","cmp":"eq","val":"text"}""", true)]
    [TestCase("""{"key":"a","cmp":"eq","val":"Text"}""", false)]
    [TestCase("""{"key":"b","cmp":"eq","val":""}""", false)]
    [TestCase("""{"key":"e","cmp":"eq"}""", true)]
    [TestCase("""{"key":"a","cmp":"neq","val":"text"}""", false)]
    [TestCase("""{"key":"b","cmp":"neq","val":"text"}""", true)]
    [TestCase("""{"key":"a","cmp":"in","vals":["x","text"]}""", true)]
    [TestCase("""{"key":"b","cmp":"in","vals":["","text"]}""", false)]
    [TestCase("""{"key":"a","cmp":"nin","vals":["x","text"]}""", false)]
    [TestCase("""{"key":"b","cmp":"nin","vals":["x"]}""", true)]
    [TestCase("""{"key":"e","cmp":"ex"}""", true)]
    [TestCase("""{"key":"b","cmp":"ex"}""", false)]
    [TestCase("""{"key":"b","cmp":"nex"}""", true)]
    [TestCase("""{"key":"a","cmp":"nex"}""", false)]
    [TestCase("""{"key":"a","cmp":"sw","val":"te"}""", true)]
    [TestCase("""{"key":"a","cmp":"sw","val":"xt"}""", false)]
    [TestCase("""{"key":"a","cmp":"ew","val":"xt"}""", true)]
    [TestCase("""{"key":"a","cmp":"ct","val":"ex"}""", true)]
    [TestCase("""{"key":"b","cmp":"ct","val":""}""", false)]
    [TestCase("""{"key":"n","cmp":"lt","val":"10.6"}""", true)]
    [TestCase("""{"key":"n","cmp":"lt","val":"10.5"}""", false)]
    [TestCase("""{"key":"n","cmp":"lte","val":"10.5"}""", true)]
    [TestCase("""{"key":"n","cmp":"gt","val":"-9"}""", true)]
    [TestCase("""{"key":"n","cmp":"gt","val":"9"}""", true)]
    [TestCase("""{"key":"n","cmp":"gte","val":"10.500"}""", true)]
    [TestCase("""{"key":"a","cmp":"gte","val":"0"}""", false)]
    [TestCase("""{"key":"b","cmp":"lt","val":"0"}""", false)]
    [TestCase("""{"op":"and","nodes":[{"key":"a","cmp":"ex"},{"key":"n","cmp":"ex"}]}""", true)]
    [TestCase("""{"op":"and","nodes":[{"key":"a","cmp":"ex"},{"key":"b","cmp":"ex"}]}""", false)]
    [TestCase("""{"op":"or","nodes":[{"key":"b","cmp":"ex"},{"key":"a","cmp":"ex"}]}""", true)]
    [TestCase("""{"op":"or","nodes":[{"key":"b","cmp":"ex"},{"key":"c","cmp":"ex"}]}""", false)]
    [TestCase("""{"op":"not","nodes":[{"op":"or","nodes":[{"key":"b","cmp":"ex"}]}]}""", true)]
    [Checklist(72)]
    public void A_filter_is_matched_by_tags(string json, bool isMatched) => Assert.That(Read(json)!.Matches(Tags), Is.EqualTo(isMatched));

    [TestCase("""{"key":"a","cmp":"neq","val":"x"}""", true)]
    [TestCase("""{"key":"a","cmp":"eq","val":""}""", false)]
    public void A_publication_without_tags_has_no_key(string json, bool isMatched) => Assert.That(Read(json)!.Matches(null), Is.EqualTo(isMatched));

    [TestCase("{}")]
    [TestCase("""{"cmp":"eq","val":"x"}""")]
    [TestCase("""{"key":"a","cmp":"like","val":"x"}""")]
    [TestCase("""{"key":"a","cmp":"in"}""")]
    [TestCase("""{"key":"a","cmp":"in","vals":"x"}""")]
    [TestCase("""{"key":"a","cmp":"in","vals":[1]}""")]
    [TestCase("""{"key":"a","cmp":"gt","val":"much"}""")]
    [TestCase("""{"key":5,"cmp":"ex"}""")]
    [TestCase("""{"key":"a","cmp":"ex","nodes":[{"key":"b","cmp":"ex"}]}""")]
    [TestCase("""{"op":"and"}""")]
    [TestCase("""{"op":"and","nodes":[]}""")]
    [TestCase("""{"op":"and","nodes":null}""")]
    [TestCase("""{"op":"xor","nodes":[{"key":"a","cmp":"ex"}]}""")]
    [TestCase("""{"op":"not","nodes":[{"key":"a","cmp":"ex"},{"key":"b","cmp":"ex"}]}""")]
    [TestCase("""{"op":"or","nodes":[{"key":"a","cmp":"ex"},{"key":"","cmp":"ex"}]}""")]
    [TestCase("""{"op":"or","nodes":[5]}""")]
    [TestCase("""{"key":"\ud800","cmp":"ex"}""")]
    [Checklist(72)]
    public void An_invalid_filter_is_refused(string json) => Assert.That(Read(json), Is.Null);

    [TestCase(99, true)]
    [TestCase(100, false)]
    public void A_filter_has_a_limit_of_nodes(int leaves, bool isValid)
    {
        var json = $$"""{"op":"or","nodes":[{{string.Join(',', Enumerable.Repeat("""{"key":"a","cmp":"ex"}""", leaves))}}]}""";
        var (leaf, root) = (new byte[] { 0x32, 0x07, 0x12, 1, (byte)'a', 0x1A, 2, (byte)'e', (byte)'x' }, new byte[] { 0x0A, 2, (byte)'o', (byte)'r' });

        Assert.That(Read(json) is not null, Is.EqualTo(isValid));
        Assert.That(MessageCodec.Protobuf.TryReadFilter((byte[])[.. root, .. Enumerable.Repeat(leaf, leaves).SelectMany(bytes => bytes)], out _), Is.EqualTo(isValid));
    }

    [TestCase(9, true)]
    [TestCase(10, false)]
    [TestCase(40, false)]
    public void A_filter_has_a_limit_of_levels(int levels, bool isValid)
    {
        var json = """{"key":"a","cmp":"ex"}""";
        byte[] protobuf = [0x12, 1, (byte)'a', 0x1A, 2, (byte)'e', (byte)'x'];
        for (var level = 0; level < levels; level++)
        {
            json = $$"""{"op":"not","nodes":[{{json}}]}""";
            protobuf = [0x0A, 3, .. "not"u8, 0x32, .. Varint(protobuf.Length), .. protobuf];
        }

        Assert.That(Read(json) is not null, Is.EqualTo(isValid));
        Assert.That(MessageCodec.Protobuf.TryReadFilter(protobuf, out _), Is.EqualTo(isValid));
    }

    [Test]
    public void A_filter_means_the_same_in_both_encodings()
    {
        byte[] protobuf = [0x0A, 3, .. "and"u8, 0x32, 0x0D, 0x12, 1, (byte)'a', 0x1A, 2, .. "in"u8, 0x2A, 4, .. "text"u8, 0x32, 0x0B, 0x12, 1, (byte)'n', 0x1A, 2, .. "gt"u8, 0x22, 2, .. "10"u8];

        Assert.That(MessageCodec.Protobuf.TryReadFilter(protobuf, out var node), Is.True);
        Assert.That((node.Operation, node.Nodes.Count, node.Nodes[0].Values.Single(), node.Nodes[1].Value), Is.EqualTo(("and", 2, "text", "10")));
        Assert.That(TagFilter.Of(node)!.Matches(Tags), Is.True);
        Assert.That(MessageCodec.Protobuf.TryReadFilter((byte[])[0x0A, 1, 0xFF], out _), Is.False, "no UTF-8");
        Assert.That(MessageCodec.Protobuf.TryReadFilter((byte[])[0x0A, 3, (byte)'a'], out _), Is.False, "cut off");
    }

    [Test]
    public void Matching_allocates_nothing()
    {
        var filter = Read("""{"op":"and","nodes":[{"key":"a","cmp":"in","vals":["x","text"]},{"op":"not","nodes":[{"key":"n","cmp":"gt","val":"11"}]},{"key":"a","cmp":"ct","val":"ex"}]}""")!;

        Assert.That(Allocations.PerCall(() => filter.Matches(Tags)), Is.Zero);
    }

    private static TagFilter? Read(string json) => MessageCodec.Json.TryReadFilter(json.Utf8(), out var node) ? TagFilter.Of(node) : null;

    private static byte[] Varint(int length) => length < 0x80 ? [(byte)length] : [(byte)(length | 0x80), (byte)(length >> 7)];
}
