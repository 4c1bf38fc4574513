using System.Text.Json;
using ModelContextProtocol.Protocol;
using static ClawEvents.Broker.McpTools.ClientMessages;

namespace ClawEvents.Broker.McpTools;

/// <summary>The tools that read what is published: by waiting for it, and from the history.</summary>
internal static class ListeningTools
{
    private const int MaxMessages = 100;
    private const int MaxSeconds = 300;

    public static IReadOnlyList<BrokerTool> All { get; } =
    [
        BrokerTool.Of(
            "wait_for_messages",
            "Listen to a channel until messages come, and return them. Pass the position of the last answer as since: where the channel keeps a history, nothing between two calls is missed then; lost tells when something is gone.",
            $$"""
            {{BrokerTool.ChannelProperty}},"count":{"type":"integer","minimum":1,"maximum":{{MaxMessages}},"description":"messages to wait for; 1 by default"},"timeoutSeconds":{"type":"integer","minimum":1,"maximum":{{MaxSeconds}},"description":"30 by default"},"since":{"type":"object","properties":{"offset":{"type":"integer","minimum":0},"epoch":{"type":"string"} },"required":["offset","epoch"]}
            """,
            ["channel"],
            isReadOnly: true,
            WaitAsync),
        BrokerTool.Of(
            "read_history",
            "Read the newest messages of a channel that keeps a history, newest first, and the position to wait from.",
            $$"""{{BrokerTool.ChannelProperty}},"limit":{"type":"integer","minimum":1,"maximum":{{MaxMessages}},"description":"10 by default"}""",
            ["channel"],
            isReadOnly: true,
            ReadHistoryAsync),
    ];

    /// <summary>Reads the newest publications of a channel.</summary>
    /// <returns>Null, and the refusal, if the broker refuses.</returns>
    public static async ValueTask<(JsonElement? History, string Refusal)> ReadHistoryAsync(IBrokerCalls broker, string channel, long limit, CancellationToken cancellation)
    {
        await foreach (var line in broker.StreamAsync("/connection/http_stream", ReadHistory(broker.Token, channel, limit), cancellation))
        {
            var message = JsonElement.Parse(line);
            if (RefusalIn(message) is { } refusal)
            {
                return (null, refusal);
            }

            if (message.TryGetProperty("history", out var history))
            {
                return (history, "");
            }
        }

        return (null, "the server has closed the connection");
    }

    private static async ValueTask<CallToolResult> ReadHistoryAsync(IBrokerCalls broker, ToolArguments arguments, CancellationToken cancellation)
    {
        var (found, refusal) = await ReadHistoryAsync(broker, arguments.Text("channel"), arguments.Number("limit", 10, 1, MaxMessages), cancellation);
        return found is not { } history ? BrokerTool.Failure(refusal) : BrokerTool.Result(JsonElement.Parse(Write(json =>
        {
            WriteMessages(json, PublicationsIn(history));
            WritePosition(json, PositionIn(history));
        })));
    }

    private static async ValueTask<CallToolResult> WaitAsync(IBrokerCalls broker, ToolArguments arguments, CancellationToken cancellation)
    {
        var channel = arguments.Text("channel");
        var wait = new Wait(channel, (int)arguments.Number("count", 1, 1, MaxMessages));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(arguments.Number("timeoutSeconds", 30, 1, MaxSeconds)));
        try
        {
            await foreach (var line in broker.StreamAsync("/connection/uni_http_stream", Listen(broker.Token, channel, SinceIn(arguments)), limit.Token))
            {
                if (wait.Take(JsonElement.Parse(line)))
                {
                    return wait.Result(isTimeout: false);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return wait.Result(isTimeout: true);
        }

        return BrokerTool.Failure("the server has closed the connection before enough messages came");
    }

    private static Position? SinceIn(ToolArguments arguments) =>
        arguments.Find("since") is not { } since ? null
        : since.ValueKind is JsonValueKind.Object && since.TryGetProperty("offset", out var offset) && offset.TryGetInt64(out var number) && number >= 0
            && since.TryGetProperty("epoch", out var epoch) && epoch.ValueKind is JsonValueKind.String ? new(number, epoch.GetString()!)
        : throw new BadArgumentException("since must be the position of an earlier answer: an object with offset and epoch");

    // A reply with an error, or the last push of a connection that is refused.
    private static string? RefusalIn(JsonElement message) =>
        message.TryGetProperty("error", out var error) ? $"{error.GetProperty("code")}: {error.GetProperty("message")}"
        : message.TryGetProperty("disconnect", out var end) ? $"{end.GetProperty("code")}: {end.GetProperty("reason")}"
        : null;

    private static Position? PositionIn(JsonElement subscription) =>
        subscription.TryGetProperty("epoch", out var epoch) ? new(subscription.TryGetProperty("offset", out var offset) ? offset.GetInt64() : 0, epoch.GetString()!) : null;

    private static JsonElement[] PublicationsIn(JsonElement answer) => answer.TryGetProperty("publications", out var list) ? [.. list.EnumerateArray()] : [];

    private static void WriteMessages(Utf8JsonWriter json, IEnumerable<JsonElement> publications)
    {
        json.WriteStartArray("messages");
        foreach (var publication in publications)
        {
            WritePublication(json, publication);
        }

        json.WriteEndArray();
    }

    private static void WritePosition(Utf8JsonWriter json, Position? position)
    {
        if (position is not null)
        {
            json.WriteStartObject("position");
            json.WriteNumber("offset", position.Offset);
            json.WriteString("epoch", position.Epoch);
            json.WriteEndObject();
        }
    }

    /// <summary>What has come so far of what is waited for.</summary>
    private sealed class Wait(string channel, int count)
    {
        private readonly List<JsonElement> _publications = [];
        private Position? _position;
        private string? _refusal;
        private bool _isLost;

        /// <returns>True: that was the last one.</returns>
        public bool Take(JsonElement message)
        {
            if (RefusalIn(message) is { } refusal)
            {
                _refusal = refusal;
            }
            else if (message.TryGetProperty("connect", out var connect))
            {
                Connect(connect);
            }
            else if (message.TryGetProperty("pub", out var publication))
            {
                Add(publication);
            }
            else if (message.TryGetProperty("unsubscribe", out var end))
            {
                _refusal = $"{end.GetProperty("code")}: {end.GetProperty("reason")}";
            }

            return _refusal is not null || _publications.Count >= count;
        }

        public CallToolResult Result(bool isTimeout) => _refusal is not null && _publications.Count == 0
            ? BrokerTool.Failure($"{_refusal}; explain tells what decides, and request_access asks the owner of a locked channel")
            : BrokerTool.Result(JsonElement.Parse(Write(json =>
            {
                WriteMessages(json, _publications);
                json.WriteBoolean("timedOut", isTimeout);
                json.WriteBoolean("lost", _isLost);
                WritePosition(json, _position);
            })));

        // A channel that the caller may not hear is left out.
        private void Connect(JsonElement connect)
        {
            if (connect.TryGetProperty("subs", out var subscriptions) && subscriptions.TryGetProperty(channel, out var subscription))
            {
                Begin(subscription);
            }
            else
            {
                _refusal = "403: you may not listen to this channel";
            }
        }

        private void Begin(JsonElement subscription)
        {
            _position = PositionIn(subscription);
            _isLost = subscription.TryGetProperty("was_recovering", out var asked) && asked.GetBoolean() && !(subscription.TryGetProperty("recovered", out var recovered) && recovered.GetBoolean());
            var missed = PublicationsIn(subscription);

            // The position is that of the last one which is handed out: the others come with the next call.
            if (missed.Length > count && _position is not null)
            {
                missed = missed[..count];
                _position = _position with { Offset = missed[^1].GetProperty("offset").GetInt64() };
            }

            _publications.AddRange(missed);
        }

        private void Add(JsonElement publication)
        {
            _publications.Add(publication);
            if (_position is not null && publication.TryGetProperty("offset", out var offset))
            {
                _position = _position with { Offset = offset.GetInt64() };
            }
        }
    }
}
