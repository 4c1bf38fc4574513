namespace ClawEvents.Cli.Streams;

// Handles each message: answers go to _outgoing, an end goes to _end, the read loop does the rest.
internal sealed partial class SubscriptionSession
{
    private readonly Dictionary<uint, Subscription> _subscribing = [];
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
                HandlePublication(message.Publication);
                break;
            case ServerMessageKind.Ping when _answersPings:
                _outgoing.Add(ClientCommands.Pong);
                break;
            case ServerMessageKind.ConnectReply:
                HandleConnected(message);
                break;
            case ServerMessageKind.Refresh when message.TokenSeconds > 0:
                RefreshBefore(TimeSpan.FromSeconds(message.TokenSeconds));
                break;
            case ServerMessageKind.SubscribeReply:
                HandleSubscribed(message.Id, message.Subscribed);
                break;
            case ServerMessageKind.HistoryReply:
                HandleHistory(message.Id, message.Subscribed);
                break;
            case ServerMessageKind.ErrorReply:
                HandleError(message);
                break;
            case ServerMessageKind.Unsubscribe:
                HandleUnsubscribe(message);
                break;
        }
    }

    private void HandlePublication(in Publication publication)
    {
        // A server may add subscriptions of its own, which the user did not ask for.
        if (_subscriptions.Find(publication.Channel) is { } subscription && !subscription.Leaves(publication))
        {
            Deliver(subscription, publication);
        }
    }

    private void Deliver(Subscription subscription, in Publication publication)
    {
        subscription.AdvancePast(publication);
        if (!subscription.IsBeforeStart(publication))
        {
            _sink.Write(subscription, publication);
        }
    }

    private void HandleConnected(in ServerMessage message)
    {
        _answersPings = message.Pong;
        _silenceLimit = message.PingSeconds > 0
            ? TimeSpan.FromSeconds(message.PingSeconds) + Patience
            : Timeout.InfiniteTimeSpan;
        _reporter.WriteDetail("Connected to WebSocket");
        _connected();
        ReportUnrecoverable();
        foreach (var subscription in _subscriptions.Wanted)
        {
            _outgoing.Add(NewSubscribe(subscription, TimeSpan.Zero));
        }
        if (message.TokenSeconds > 0)
        {
            RefreshBefore(TimeSpan.FromSeconds(message.TokenSeconds));
        }
        if (_token.AwaitsLogin)
        {
            StartLate(LoginCheckInterval, LeaveAfterLoginAsync);
        }
    }

    private void HandleSubscribed(uint id, in SubscribeResult result)
    {
        if (_subscribing.Remove(id, out var subscription))
        {
            _resubscribeBackoff.Reset();
            RecoverMissed(subscription, result);
            // A durable consumer has its cursor on disk by now: a script that reads this may rely on it.
            _reporter.WriteDetail($"Subscribed to {subscription.Channel}");
            if (_subscribing.Count == 0)
            {
                _reporter.WriteListening(_subscriptions.Wanted.Select(wanted => wanted.Channel));
            }
        }
    }

    private void HandleError(in ServerMessage message)
    {
        var reason = DisconnectCode.Describe(message.Reason, message.Code);
        if (message.Id == ConnectId)
        {
            _end = new StreamEnd(DisconnectCode.EndOfConnect(message.Code, message.Temporary), reason);
        }
        else if (message.Code == DisconnectCode.AlreadySubscribed)
        {
            HandleSubscribed(message.Id, default);
        }
        else if (_subscribing.Remove(message.Id, out var subscription))
        {
            EndSubscription(subscription, reason, DisconnectCode.MayRetry(message.Code, message.Temporary));
        }
        else if (_reading.Remove(message.Id, out var reading))
        {
            GiveUpHistory(reading, reason);
        }
        else
        {
            _reporter.WriteDetail($"Refused by the server: {reason}");
        }
    }

    private void HandleUnsubscribe(in ServerMessage message)
    {
        if (_subscriptions.Find(message.Publication.Channel) is not { } subscription)
        {
            return;
        }
        if (DisconnectCode.LosesPositions(message.Code))
        {
            subscription.ForgetPosition();
        }
        var reason = DisconnectCode.Describe(message.Reason, message.Code);
        EndSubscription(subscription, reason, DisconnectCode.IsResubscribe(message.Code));
    }

    private void EndSubscription(Subscription subscription, string reason, bool again)
    {
        subscription.EndCatchUp();
        if (again)
        {
            _reporter.WriteNotice($"Subscription to {subscription.Channel} interrupted: {reason}; subscribing again");
            SubscribeLater(subscription);
        }
        else if (_token.AwaitsLogin && subscription.WasAccepted)
        {
            // The token once allowed it, and the next connection asks again.
            _reporter.WriteNotice($"{subscription.Channel} is not open to anonymous subscribers ({reason}): it continues after the next login");
        }
        else
        {
            _subscriptions.Remove(subscription);
            _reporter.WriteRefusal(subscription.Channel, reason, _token.IsGivenUp);
            _end = _subscriptions.Wanted.Count == 0 ? new StreamEnd(StreamEndKind.NothingLeft, reason) : null;
        }
    }

    private byte[] NewSubscribe(Subscription subscription, TimeSpan sentIn)
    {
        var id = ++_lastId;
        _subscribing.Add(id, subscription);
        ExpectAnswer(sentIn);
        _reporter.WriteDetail($"Subscribing to {subscription.Channel}...");
        return ClientCommands.Subscribe(id, subscription.Channel, subscription.Position);
    }
}
