using System.Net.WebSockets;
using System.Text.Json;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams;

/// <summary>A connection that sends one command after the other and waits for each answer. Pings are answered, pushes are ignored.</summary>
/// <param name="address">ws or wss.</param>
/// <param name="trust">Judges the server's certificate.</param>
internal sealed class CommandConnection(Uri address, CertificateTrust trust) : IDisposable
{
    // For the handshake with the connect reply, and for each answer: as a stream waits.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly ConnectFault OtherProtocol = new("the server sent an invalid message", "Check the server's address: claw.events config");

    private readonly MessageSocket _socket = new(trust);
    private uint _lastId;
    private bool _answersPings;

    private string ShownAddress => address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    /// <summary>Connects, once.</summary>
    /// <param name="token">null for an anonymous connection.</param>
    public Task<CommandAnswer> ConnectAsync(string? token) => TryAsync(async limit =>
    {
        await _socket.ConnectAsync(address, limit);
        var answer = await AskAsync(ClientCommands.Connect(++_lastId, token), limit);
        _answersPings = answer.Result?.Member("pong"u8)?.ValueKind is JsonValueKind.True;
        return answer;
    });

    /// <summary>Sends one command and waits for its answer; one at a time.</summary>
    /// <param name="command">Its name in the protocol, such as <c>history</c>.</param>
    /// <param name="parameters">Writes the members of the command.</param>
    public Task<CommandAnswer> AskAsync(string command, WriteMembers parameters) =>
        TryAsync(limit => AskAsync(ClientCommands.Of(++_lastId, command, parameters), limit));

    public void Dispose() => _socket.Dispose();

    private async Task<CommandAnswer> AskAsync(byte[] command, CancellationToken limit)
    {
        await _socket.SendAsync(command, limit);
        while (await _socket.ReceiveAsync(limit) is { } message)
        {
            foreach (var reply in Lines(message))
            {
                if (reply.IntegerMember("id"u8) == _lastId)
                {
                    return AnswerOf(reply);
                }
                if (_answersPings && !reply.EnumerateObject().Any())
                {
                    await _socket.SendAsync(ClientCommands.Pong, limit);
                }
            }
        }
        return new(Error: new((uint)_socket.CloseCode, DisconnectCode.Describe(_socket.CloseReason, _socket.CloseCode)));
    }

    private async Task<CommandAnswer> TryAsync(Func<CancellationToken, Task<CommandAnswer>> ask)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            return await ask(limit.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or HttpRequestException)
        {
            return Unanswered(_socket.RefusedWith is { } status ? ConnectFault.OfHandshake(status) : ConnectFault.Of(exception, address.Host, trust));
        }
        catch (JsonException)
        {
            return Unanswered(OtherProtocol);
        }
        catch (OperationCanceledException)
        {
            return Unanswered(new("no answer in time"));
        }
    }

    private CommandAnswer Unanswered(ConnectFault fault) => new(Failure: ApiFailures.Unreachable(ShownAddress, fault));

    // The elements own their memory: the buffer is used again for the next message.
    private static List<JsonElement> Lines(ReadOnlyMemory<byte> message)
    {
        var lines = new List<JsonElement>();
        foreach (var range in message.Span.Split((byte)'\n'))
        {
            var line = message[range];
            if (!line.Span.Trim("\r "u8).IsEmpty)
            {
                lines.Add(JsonText.TryParse(line) is { ValueKind: JsonValueKind.Object } reply ? reply : throw new JsonException("an object was expected"));
            }
        }
        return lines;
    }

    // {"id":2,"history":{…}} or {"id":2,"error":{"code":108,"message":"not available"}}
    private static CommandAnswer AnswerOf(JsonElement reply) => reply.Member("error"u8) is { } error
        ? new(Error: new((uint)(error.IntegerMember("code"u8) ?? 0), error.StringMember("message"u8) ?? "refused without a reason"))
        : new(reply.EnumerateObject().FirstOrDefault(member => member.Value.ValueKind is JsonValueKind.Object).Value);
}
