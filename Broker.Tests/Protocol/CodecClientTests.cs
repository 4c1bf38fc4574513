using System.Text.Json;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Protocol;

/// <summary>The official client's own Protobuf code agrees with the table of bytes, and with the way random commands are read.</summary>
internal sealed class CodecClientTests
{
    [OneTimeSetUp]
    public static Task InstallClient() => OfficialClient.InstallAsync();

    [Test]
    public async Task The_client_writes_the_bytes_of_the_table()
    {
        var commands = CommandVectors.All.Select(vector => (vector.Name, vector.Hex, Line: JsonSerializer.Serialize(new { type = "Command", json = vector.Json })));
        var messages = MessageVectors.All.Select(vector => (vector.Name, vector.Hex, Line: JsonSerializer.Serialize(new { type = "Reply", json = vector.Json, isText = vector.IsText })));
        var vectors = commands.Concat(messages).ToList();
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "vectors");
        await File.WriteAllLinesAsync(file, vectors.Select(vector => vector.Line));

        var encoded = await RunAsync(file);

        Assert.That(encoded.Zip(vectors, (hex, vector) => $"{vector.Name}: {hex}"), Is.EqualTo(vectors.Select(vector => $"{vector.Name}: {vector.Hex}")));
    }

    [Test]
    public async Task Random_commands_mean_the_same_in_both_encodings()
    {
        const int count = 2_000;
        var lines = await RunAsync("--random", $"{count}");

        Assert.That(lines, Has.Length.EqualTo(count));
        foreach (var line in lines)
        {
            using var command = JsonDocument.Parse(line);
            var json = command.RootElement.GetProperty("json").GetString()!;
            var fromJson = Read(MessageCodec.Json, json.Utf8());
            var fromProtobuf = Read(MessageCodec.Protobuf, Convert.FromHexString(command.RootElement.GetProperty("hex").GetString()!));
            Assert.That(fromProtobuf, Is.EqualTo(fromJson), json);
        }
    }

    private static string Read(MessageCodec codec, byte[] message)
    {
        ReadOnlyMemory<byte> rest = message;
        var isRead = codec.TryReadCommand(ref rest, out var command);
        return isRead && rest.IsEmpty ? CommandText.Of(command) : $"unread: {Convert.ToHexString(message)}";
    }

    private static async Task<string[]> RunAsync(params string[] arguments)
    {
        await using var script = RunningProcess.Start("node", ["encodings.mjs", .. arguments], OfficialClient.Folder);
        var output = await script.ReadToEndAsync();
        Assert.That(await script.ReadErrorsAsync(), Is.Empty);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
