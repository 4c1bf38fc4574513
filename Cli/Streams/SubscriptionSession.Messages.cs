using System.Net.WebSockets;
using System.Text.Json;

namespace ClawEvents.Cli.Streams;

// What the session makes of each message: answers go to _outgoing, an end goes to _end, the read loop does the rest.
internal sealed partial class SubscriptionSession
{
    private readonly Dictionary<uint, string> _subscribing = [];
    private readonly Backoff _resubscribeBackoff = new(Random.Shared.NextDouble);
    private uint _lastId = ConnectId;
    private bool _answersPings;
    private StreamEnd? _end;

    private void HandleLines(ReadOnlySpan<byte> message)
    {
        foreach (var range in message.Split((byte)'\n'))
        {
            var line = message[range].Trim("\r "u8);
            if (!line.IsEmpty)
            {
                Handle(ServerMessageReader.Read(line));
            }
        }
    }

    private void Handle(in ServerMessage message)
    {
        switch (message.Kind)
        {
            case ServerMessageKind.Publication:
                _sink.Write(message);
                break;
            case ServerMessageKind.Ping when _answersPings:
                _outgoing.Add(ClientCommands.Pong);
                break;
            case ServerMessageKind.ConnectReply:
                HandleConnected(message);
                break;
            case ServerMessageKind.SubscribeReply:
                HandleSubscribed(message.Id);
                break;
            case ServerMessageKind.ErrorReply:
                HandleError(message);
                break;
            case ServerMessageKind.Unsubscribe:
                HandleUnsubscribe(message);
                break;
        }
    }

    private void HandleConnected(in ServerMessage message)
    {
        _answersPings = message.Pong;
        _silenceLimit = message.PingSeconds > 0
            ? TimeSpan.FromSeconds(message.PingSeconds) + Patience
            : Timeout.InfiniteTimeSpan;
        _reporter.Detail("Connected to WebSocket");
        _connected();
        foreach (var channel in _subscriptions.Wanted)
        {
            _outgoing.Add(NewSubscribe(channel));
        }
    }

    private void HandleSubscribed(uint id)
    {
        if (_subscribing.Remove(id, out var channel))
        {
            _resubscribeBackoff.Reset();
            _reporter.Detail($"Subscribed to {channel}");
        }
    }

    private void HandleError(in ServerMessage message)
    {
        var mayRetry = DisconnectCode.MayRetry(message.Code, message.Temporary);
        var reason = DisconnectCode.Describe(message.Reason, message.Code);
        if (message.Id == ConnectId)
        {
            _end = new StreamEnd(mayRetry ? StreamEndKind.Lost : StreamEndKind.Terminal, reason);
        }
        else if (message.Code == DisconnectCode.AlreadySubscribed)
        {
            HandleSubscribed(message.Id);
        }
        else if (_subscribing.Remove(message.Id, out var channel))
        {
            EndSubscription(channel, reason, mayRetry);
        }
    }

    private void HandleUnsubscribe(in ServerMessage message)
    {
        var name = new Utf8JsonReader(message.Channel);
        name.Read();
        var reason = DisconnectCode.Describe(message.Reason, message.Code);
        EndSubscription(name.GetString() ?? "", reason, DisconnectCode.IsResubscribe(message.Code));
    }

    private void EndSubscription(string channel, string reason, bool again)
    {
        if (!_subscriptions.Contains(channel))
        {
            // A subscription the server made by itself.
            return;
        }
        if (again)
        {
            _reporter.Notice($"Subscription to {channel} interrupted: {reason}; subscribing again");
            _resubscribing.RemoveAll(task => task.IsCompleted);
            _resubscribing.Add(SendLaterAsync(NewSubscribe(channel), _resubscribeBackoff.Next()));
        }
        else
        {
            _subscriptions.Remove(channel);
            _reporter.Refused(channel, reason);
            _end = _subscriptions.Wanted.Count == 0 ? new StreamEnd(StreamEndKind.NothingLeft, reason) : null;
        }
    }

    private byte[] NewSubscribe(string channel)
    {
        var id = ++_lastId;
        _subscribing.Add(id, channel);
        _reporter.Detail($"Subscribing to {channel}...");
        return ClientCommands.Subscribe(id, channel);
    }

    private async Task SendLaterAsync(byte[] command, TimeSpan wait)
    {
        try
        {
            await Task.Delay(wait, _abort.Token);
            await _socket.SendAsync(command, _abort.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException)
        {
            // The connection ended meanwhile; the next one subscribes to everything anyway, and the read loop tells why.
            _reporter.Detail($"Not subscribed again: {exception.Message}");
        }
    }
}
