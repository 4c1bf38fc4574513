using System.Text.Json;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>Subscriptions with deltas: the first publication whole, the others as patches where these are shorter.</summary>
internal sealed class ConnectionDeltaTests : IDisposable
{
    // Long enough that a change of one digit is shorter as a patch; with letters of two bytes, which a patch must not split.
    private static readonly string Filling = string.Concat(Enumerable.Repeat("häßlich ", 10));

    private readonly BrokerRig _rig = new(TestNamespaces.Only(
        ("delta", TestNamespaces.History with { ForceRecovery = true, AllowFossilDelta = true, DeltaPublish = true }),
        ("loose", TestNamespaces.History with { AllowFossilDelta = true, DeltaPublish = true }),
        ("asked", TestNamespaces.History with { ForceRecovery = true, AllowFossilDelta = true }),
        ("never", TestNamespaces.History with { ForceRecovery = true, DeltaPublish = true })));

    public void Dispose() => _rig.Dispose();

    [TestCase("delta:a", true)]
    [TestCase("loose:a", true)]
    [TestCase("never:a", false)]
    [Checklist(71, 112)]
    public void The_reply_says_whether_deltas_will_be_sent(string channel, bool areThere) =>
        Assert.That(Subscribed(channel).Reply.Contains("\"delta\":true", StringComparison.Ordinal), Is.EqualTo(areThere));

    [TestCase("delta:a")]
    [TestCase("loose:a")]
    [Checklist(113)]
    public void The_first_publication_is_whole_and_the_next_ones_are_patches(string channel)
    {
        var (link, _) = Subscribed(channel);

        var data = Publish(channel, 3);

        var pushes = Publications(link);
        Assert.That(pushes.Select(push => push.IsDelta), Is.EqualTo(new[] { false, true, true }));
        Assert.That(pushes[1].Data.Length, Is.LessThan(data[1].Length / 2));
        Assert.That(Apply(pushes), Is.EqualTo(data));
    }

    [Test]
    public void A_patch_that_is_no_shorter_goes_out_whole()
    {
        var (link, _) = Subscribed("delta:a");

        _rig.Publish("delta:a", "1");
        _rig.Publish("delta:a", "[2]");

        Assert.That(link.Received(), Is.EqualTo(new[]
        {
            "{\"push\":{\"channel\":\"delta:a\",\"pub\":{\"data\":\"1\",\"offset\":1,\"epoch\":\"EPOCH\"}}}",
            "{\"push\":{\"channel\":\"delta:a\",\"pub\":{\"data\":\"[2]\",\"offset\":2}}}",
        }));
    }

    [Test]
    public void Without_delta_publish_only_publications_that_ask_for_it_are_patches()
    {
        var (link, _) = Subscribed("asked:a");

        _rig.Publish("asked:a", Data(1));
        _rig.Publish("asked:a", Data(2));
        _rig.Publish("asked:a", Data(3), new() { Delta = true });

        Assert.That(Publications(link).Select(push => push.IsDelta), Is.EqualTo(new[] { false, false, true }));
    }

    [Test]
    public void A_publication_outside_the_history_is_whole_and_so_is_the_next_one()
    {
        var (link, _) = Subscribed("delta:a");

        Publish("delta:a", 2);
        _rig.Publish("delta:a", Data(0), new() { SkipHistory = true });
        Publish("delta:a", 2);

        Assert.That(Publications(link).Select(push => push.IsDelta), Is.EqualTo(new[] { false, true, false, false, true }));
    }

    [Test]
    [Checklist(117)]
    public void Subscribers_without_deltas_get_whole_publications()
    {
        Subscribed("delta:a");
        var plain = new ClientLink(_rig).Connected();
        plain.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"delta:a\"}}");

        var data = Publish("delta:a", 2);

        Assert.That(plain.Received()[1], Is.EqualTo($"{{\"push\":{{\"channel\":\"delta:a\",\"pub\":{{\"data\":{data[1]},\"offset\":2}}}}}}"));
    }

    [Test]
    [Checklist(115)]
    public void After_a_recovery_the_first_publication_is_whole_and_the_rest_are_patches()
    {
        var data = Publish("delta:a", 3);
        var link = new ClientLink(_rig).Connected();

        var reply = link.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"delta:a\",\"delta\":\"fossil\",\"recover\":true}}").Single();
        var after = Publish("delta:a", 2);

        using var json = JsonDocument.Parse(reply);
        var recovered = json.RootElement.GetProperty("subscribe").GetProperty("publications").EnumerateArray().Select(Read).ToList();
        var all = recovered.Concat(Publications(link)).ToList();
        Assert.That(all.Select(push => push.IsDelta), Is.EqualTo(new[] { false, true, true, true, true }));
        Assert.That(Apply(all), Is.EqualTo(data.Concat(after)));
    }

    [Test]
    public void A_patch_follows_an_empty_recovery_and_a_whole_publication_a_failed_one()
    {
        Publish("delta:a", 3);
        var (complete, _) = Subscribed("delta:a", ",\"recover\":true,\"offset\":3");
        var (failed, _) = Subscribed("delta:a", ",\"recover\":true,\"offset\":9");

        Publish("delta:a", 1);

        Assert.That((Publications(complete).Single().IsDelta, Publications(failed).Single().IsDelta), Is.EqualTo((true, false)));
    }

    [Test]
    [Checklist(116)]
    public void Protobuf_clients_get_payloads_and_patches_as_bytes()
    {
        var link = new ClientLink(_rig, wire: Wire.WebSocketProtobuf);
        link.Send(ClientFrame.Of(0x2, [4, 0x08, 1, 0x22, 0]));
        link.Send(ClientFrame.Of(0x2, [23, 0x08, 2, 0x2A, 19, 0x0A, 7, .. "delta:a".Utf8(), 0x62, 6, .. "fossil".Utf8(), 0x48, 0]));
        link.Frames();

        var data = Publish("delta:a", 2);

        var frames = link.Frames();
        Assert.That(frames.Select(frame => frame.Opcode), Is.EqualTo(new[] { 0x2, 0x2 }));
        Assert.That(frames[0].Payload, Is.EqualTo(Pushed(new() { Publication = new(data[0].Utf8()), Offset = 1, Epoch = _rig.EpochOf("delta:a"), Form = PublicationForm.Whole })));
        Assert.That(frames[1].Payload.AsSpan().IndexOf("häßlich häßlich".Utf8()), Is.Negative);
        Assert.That(frames[1].Payload, Has.Length.LessThan(frames[0].Payload.Length / 2));
    }

    private static byte[] Pushed(in WirePublication publication)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        MessageCodec.Protobuf.TryWritePublicationPush(output, TestChannel.Named("delta:a"), publication);
        return output.WrittenSpan.ToArray();
    }

    private (ClientLink Link, string Reply) Subscribed(string channel, string wish = "")
    {
        var link = new ClientLink(_rig).Connected();
        return (link, link.Ask($"{{\"id\":2,\"subscribe\":{{\"channel\":\"{channel}\",\"delta\":\"fossil\"{wish}}}}}").Single());
    }

    private static string Data(int number) => $"{{\"number\":{number},\"text\":\"{Filling}{number}\"}}";

    private string[] Publish(string channel, int count)
    {
        string[] data = [.. Enumerable.Range(1, count).Select(Data)];
        Array.ForEach(data, text => _rig.Publish(channel, text));
        return data;
    }

    private static List<(string Data, bool IsDelta)> Publications(ClientLink link) => [.. link.Received().Select(push =>
    {
        using var json = JsonDocument.Parse(push);
        return Read(json.RootElement.GetProperty("push").GetProperty("pub"));
    })];

    private static (string Data, bool IsDelta) Read(JsonElement publication) =>
        (publication.GetProperty("data").GetString()!, publication.TryGetProperty("delta", out _));

    // The client's data after each publication.
    private static List<string> Apply(List<(string Data, bool IsDelta)> publications)
    {
        var values = new List<string>();
        foreach (var (data, isDelta) in publications)
        {
            values.Add(isDelta ? FossilPatch.Apply(values[^1].Utf8(), data.Utf8()).Text() : data);
        }

        return values;
    }
}
