using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>A client whose connection is an endless response, and which sends commands by separate requests.</summary>
/// <remarks>Every read has a bound, <see cref="RunningBroker.Patience"/>.</remarks>
internal sealed class RunningStream : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly Stream _body;

    private RunningStream(HttpClient http, HttpResponseMessage response, Stream body)
    {
        _http = http;
        Response = response;
        _body = body;
    }

    public HttpResponseMessage Response { get; }

    /// <summary>The session in the connect reply, once that was read.</summary>
    public string Session { get; private set; } = "";

    /// <inheritdoc cref="Session"/>
    public string Node { get; private set; } = "";

    /// <summary>Sends a request and waits for the head of its answer.</summary>
    public static async Task<RunningStream> OpenAsync(
        RunningBroker broker, HttpMethod method, string path, byte[]? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Version = broker.Http.DefaultRequestVersion, VersionPolicy = broker.Http.DefaultVersionPolicy };
        request.Content = body is null ? null : new ByteArrayContent(body);
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        var response = await broker.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return new RunningStream(broker.Http, response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>A stream of lines that has connected.</summary>
    public static async Task<RunningStream> ConnectAsync(RunningBroker broker, string? token = null)
    {
        var stream = await OpenAsync(broker, HttpMethod.Post, "/connection/http_stream", (token is null ? """{"id":1,"connect":{}}""" : $$$"""{"id":1,"connect":{"token":"{{{token}}}"}}""").Utf8());
        await stream.ReadConnectAsync();
        return stream;
    }

    /// <summary>The next line, without its end; null at the end of the stream.</summary>
    public async Task<string?> ReadLineAsync()
    {
        var line = new List<byte>();
        while (await ReadAsync(1) is [var next])
        {
            if (next == (byte)'\n')
            {
                return Encoding.UTF8.GetString([.. line]);
            }

            line.Add(next);
        }

        return line.Count == 0 ? null : throw new AssertionException("The stream ended within a line.");
    }

    /// <summary>The next message of a stream of lines. Pings are ignored.</summary>
    public async Task<string> ReadMessageAsync()
    {
        string? line;
        do
        {
            line = await ReadLineAsync();
        }
        while (line == "{}");
        return line ?? throw new AssertionException("The stream ended.");
    }

    /// <summary>The next event of server-sent events.</summary>
    public async Task<string> ReadEventAsync()
    {
        var line = await ReadLineAsync();
        Assert.That(line, Does.StartWith("data: "));
        Assert.That(await ReadLineAsync(), Is.Empty, "An event ends with an empty line.");
        return line!["data: ".Length..];
    }

    /// <summary>The next message of Protobuf, without its length.</summary>
    public async Task<byte[]> ReadProtobufAsync()
    {
        var (length, shift) = (0, 0);
        byte next;
        do
        {
            next = (await ReadAsync(1))[0];
            length |= (next & 0x7F) << shift;
            shift += 7;
        }
        while (next > 0x7F);
        return await ReadAsync(length);
    }

    /// <summary>Reads the reply to the connect, in any form, and stores its session and node.</summary>
    public async Task<string> ReadConnectAsync(Func<Task<string>>? read = null)
    {
        var reply = await (read ?? ReadMessageAsync)();
        using var json = JsonDocument.Parse(reply);
        var connect = json.RootElement.GetProperty("connect");
        Session = connect.GetProperty("session").GetString()!;
        Node = connect.TryGetProperty("node", out var node) ? node.GetString()! : "";
        return reply;
    }

    /// <summary>Sends a message, to another broker if one is given, and returns the status of the answer.</summary>
    public async Task<int> SayAsync(string data, string? session = null, string? node = null, RunningBroker? to = null)
    {
        var body = JsonSerializer.Serialize(new { session = session ?? Session, node = node ?? Node, data });
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await (to?.Http ?? _http).PostAsync(new Uri("/emulation", UriKind.Relative), content);
        Assert.That((await answer.Content.ReadAsByteArrayAsync()).Length, answer.StatusCode == System.Net.HttpStatusCode.NoContent ? Is.Zero : Is.Positive);
        return (int)answer.StatusCode;
    }

    /// <summary>Sends a message in Protobuf: node = 1, session = 2, data = 3.</summary>
    public async Task<int> SayProtobufAsync(string session, string node, byte[] data)
    {
        byte[] body = [0x0A, (byte)node.Length, .. node.Utf8(), 0x12, (byte)session.Length, .. session.Utf8(), 0x1A, (byte)data.Length, .. data];
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/octet-stream");
        using var answer = await _http.PostAsync(new Uri("/emulation", UriKind.Relative), content);
        return (int)answer.StatusCode;
    }

    /// <summary>Sends a message and reads the next one.</summary>
    public async Task<string> AskAsync(string data)
    {
        Assert.That(await SayAsync(data), Is.EqualTo(204));
        return await ReadMessageAsync();
    }

    /// <summary>Up to so many bytes; fewer at the end of the stream.</summary>
    public async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        var read = await _body.ReadAtLeastAsync(bytes, count, throwOnEndOfStream: false).AsTask().WaitAsync(RunningBroker.Patience);
        return bytes[..read];
    }

    public async ValueTask DisposeAsync()
    {
        await _body.DisposeAsync();
        Response.Dispose();
    }
}
