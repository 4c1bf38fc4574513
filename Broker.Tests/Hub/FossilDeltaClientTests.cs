using System.Buffers;
using System.Text.Json;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Hub;

/// <summary>The decoders of the official JavaScript client understand the broker's patches.</summary>
internal sealed class FossilDeltaClientTests
{
    private const int Patches = 300;

    [OneTimeSetUp]
    public static Task InstallClient() => OfficialClient.InstallAsync();

    [Test]
    public async Task The_client_for_json_gets_the_text_that_was_published()
    {
        var random = new Random(1);
        var payloads = Enumerable.Range(0, Patches).Select(_ => Payload(random)).ToArray();

        await AssertClientGetsAsync([.. payloads.SkipLast(1).Zip(payloads.Skip(1))], isText: true);
    }

    [Test]
    public async Task The_client_for_protobuf_gets_the_bytes_that_were_published()
    {
        var random = new Random(2);
        var cases = new List<(byte[], byte[])>();
        for (var i = 0; i < Patches; i++)
        {
            var source = new byte[random.Next(100, 5_000)];
            random.NextBytes(source);
            cases.Add((source, [.. source.Skip(random.Next(50)), (byte)i, .. source.Take(random.Next(100))]));
        }

        await AssertClientGetsAsync([.. cases], isText: false);
    }

    [Test]
    public async Task A_megabyte_arrives_too()
    {
        var items = Enumerable.Range(0, 60_000).Select(i => $"{i}: \"é\"").ToArray();
        var source = JsonSerializer.SerializeToUtf8Bytes(items);
        Array.Reverse(items, 1_000, 40_000);
        items[30_000] = "😀";

        await AssertClientGetsAsync([(source, JsonSerializer.SerializeToUtf8Bytes(items))], isText: true);
    }

    private static async Task AssertClientGetsAsync((byte[] Source, byte[] Target)[] cases, bool isText)
    {
        var patched = cases.Select(one => (one.Source, one.Target, Patch: Create(one, isText))).Where(one => one.Patch is not null).ToArray();
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "patches");
        await File.WriteAllLinesAsync(file, patched.Select(one => JsonSerializer.Serialize(new { source = one.Source, patch = one.Patch, isText })));

        await using var script = RunningProcess.Start("node", ["deltas.mjs", file], OfficialClient.Folder);
        var output = await script.ReadToEndAsync();
        var errors = await script.ReadErrorsAsync();

        Assert.That(patched, Has.Length.GreaterThan(cases.Length / 2));
        Assert.That(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), Is.EqualTo(patched.Select(one => Convert.ToBase64String(one.Target))), errors);
    }

    private static byte[]? Create((byte[] Source, byte[] Target) one, bool isText)
    {
        var output = new ArrayBufferWriter<byte>();
        return FossilDelta.TryCreate(one.Source, one.Target, output, isText) ? output.WrittenSpan.ToArray() : null;
    }

    private static byte[] Payload(Random random) => $$"""
        {"id":7,"name":"caf\u00e9 {{"éèê"[random.Next(3)]}} 語{{(random.Next(2) == 0 ? "語" : "誟")}} 😀","readings":[{{random.Next(100)}},{{random.Next(100)}}],"note":"{{new string('n', random.Next(40))}}","same":"the same text each time, long enough"}
        """.Utf8();
}
