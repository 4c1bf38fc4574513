using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Api.Server;

/// <summary>How a command of a queue ended.</summary>
internal enum QueuedEnding : byte
{
    Done,

    /// <summary>It can never be carried out.</summary>
    Refused,

    /// <summary>It could not be carried out now; a part of it may have been.</summary>
    Failed,
}

/// <param name="Problem">Without anything of the payload; empty when it is done.</param>
internal readonly record struct QueuedAnswer(QueuedEnding Ending, string Problem)
{
    public static QueuedAnswer Done { get; } = new(QueuedEnding.Done, "");

    public static QueuedAnswer Refused(string problem) => new(QueuedEnding.Refused, problem);
}

/// <summary>Carries out commands that come from queues, by the methods of the server API.</summary>
/// <remarks>Thread-safe. What the payload holds is not used after the answer.</remarks>
internal sealed class QueuedCommands(ServerApiMethods methods, PublishMethods publishing)
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = ProtocolLimits.MaxJsonDepth };

    /// <summary>Carries out one command.</summary>
    /// <param name="method">Empty: the payload is <c>{"method":NAME,"payload":PARAMETERS}</c>, where the parameters may also be JSON in a string.</param>
    /// <param name="payload">The parameters, as the body of <c>POST /api/METHOD</c>.</param>
    public async ValueTask<QueuedAnswer> RunAsync(string method, ReadOnlyMemory<byte> payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload, Options);
            return method.Length > 0 ? await RunAsync(method, JsonFields.OfBody(document)) : await RunWholeAsync(new(document.RootElement));
        }
        catch (JsonException)
        {
            return QueuedAnswer.Refused("the payload is not JSON, or nested too deep");
        }
    }

    /// <summary>Publishes data to one channel or several.</summary>
    /// <param name="channels">One or more.</param>
    public ValueTask<QueuedAnswer> PublishAsync(IReadOnlyList<string> channels, Publication publication, PublishOptions options) =>
        RunAsync(publishing.Publish(channels, publication, options));

    private async ValueTask<QueuedAnswer> RunWholeAsync(JsonFields command)
    {
        var method = command.Text("method");
        if (command.IsMalformed || method.Length == 0)
        {
            return QueuedAnswer.Refused("the payload is not an object with a method and a payload");
        }

        if (command.Value("payload") is not { ValueKind: JsonValueKind.String })
        {
            return await RunAsync(method, new JsonFields(command.Value("payload") ?? JsonFields.Nothing));
        }

        // Debezium writes a JSON column so.
        using var inner = JsonDocument.Parse(Encoding.UTF8.GetBytes(command.Text("payload")), Options);
        return await RunAsync(method, JsonFields.OfBody(inner));
    }

    private ValueTask<QueuedAnswer> RunAsync(string name, ServerApiFields fields)
    {
        if (!methods.TryFind(name, out var method))
        {
            return new(QueuedAnswer.Refused("there is no such method"));
        }

        var call = method(fields);
        return fields.IsMalformed ? new(QueuedAnswer.Refused("a parameter has the wrong type")) : RunAsync(call);
    }

    private static async ValueTask<QueuedAnswer> RunAsync(ServerApiCall call)
    {
        var answer = await ServerApiMethods.TryAsync(call);
        return (answer.Error ?? FailedPartOf(answer)) is not { } error ? QueuedAnswer.Done
            : error.Temporary ? new(QueuedEnding.Failed, error.Message)
            : QueuedAnswer.Refused(error.Message);
    }

    // A broadcast succeeds as a whole; the store may have been away for some of its channels.
    private static ErrorCode? FailedPartOf(ServerApiAnswer answer) =>
        answer.Result is BroadcastResult broadcast ? broadcast.Answers.Select(part => part.Error).FirstOrDefault(error => error is { Temporary: true }) : null;
}
