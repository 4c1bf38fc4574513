using System.Net.WebSockets;

namespace ClawEvents.Cli.Streams;

// Commands that are sent later, beside the read loop, and the time limit for the server's answers.
internal sealed partial class SubscriptionSession
{
    // A new login has this long before the server closes a connection whose token has ended; short-lived tokens get half their time.
    private static readonly TimeSpan RefreshBeforeEnd = TimeSpan.FromMinutes(1);

    // A timer accepts at most 49 days; a token that is valid for a year is checked early, once.
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(30);

    // How soon a login is noticed while the connection is anonymous instead.
    private static readonly TimeSpan LoginCheckInterval = TimeSpan.FromSeconds(2);

    // Timers count milliseconds, and zero of them is no wait.
    private static readonly TimeSpan ClockTick = TimeSpan.FromMilliseconds(1);

    private readonly List<Task> _late = [];
    private TimeSpan _answerDue;
    private volatile bool _loginCame;

    private TimeSpan Now => _time.GetElapsedTime(0);

    private bool AwaitsAnswer => _subscribing.Count + _reading.Count > 0;

    private bool IsAnswerOverdue => AwaitsAnswer && Now >= _answerDue;

    private string OverdueAnswer()
    {
        var (command, awaited) = _subscribing.Count > 0 ? ("subscription to", _subscribing) : ("question for the history of", _reading);
        var channels = string.Join(", ", awaited.Values.Select(subscription => subscription.Channel));
        return $"no answer to the {command} {channels} within {Patience.TotalSeconds:0} s";
    }

    private TimeSpan LongestSilence()
    {
        if (!AwaitsAnswer)
        {
            return _silenceLimit;
        }
        var forAnswer = _answerDue - Now;
        forAnswer = forAnswer > ClockTick ? forAnswer : ClockTick;
        return _silenceLimit != Timeout.InfiniteTimeSpan && _silenceLimit < forAnswer ? _silenceLimit : forAnswer;
    }

    private void ExpectAnswer(TimeSpan sentIn)
    {
        var due = Now + sentIn + Patience;
        _answerDue = due > _answerDue ? due : _answerDue;
    }

    private void SubscribeLater(Subscription subscription)
    {
        var wait = _resubscribeBackoff.Next();
        var command = NewSubscribe(subscription, wait);
        StartLate(wait, () => _socket.SendAsync(command, _abort.Token));
    }

    private void RefreshBefore(TimeSpan tokenEnd)
    {
        var id = ++_lastId;
        var margin = tokenEnd / 2 < RefreshBeforeEnd ? tokenEnd / 2 : RefreshBeforeEnd;
        var wait = tokenEnd - margin;
        StartLate(wait < LongestDelay ? wait : LongestDelay, () => RefreshAsync(id, tokenEnd - wait));
    }

    private async Task RefreshAsync(uint id, TimeSpan left)
    {
        if (_token.TryReadNew(out var token))
        {
            await _socket.SendAsync(ClientCommands.Refresh(id, token), _abort.Token);
        }
        else if (left <= RefreshBeforeEnd)
        {
            _reporter.WriteNotice($"The token expires in {left.TotalSeconds:0} s: log in again to stay connected");
        }
    }

    private async Task LeaveAfterLoginAsync()
    {
        while (!_token.TryReadNew(out _))
        {
            await Task.Delay(LoginCheckInterval, _time, _abort.Token);
        }
        _loginCame = true;
        await LeaveAsync();
    }

    private void StartLate(TimeSpan wait, Func<Task> act)
    {
        _late.RemoveAll(task => task.IsCompleted);
        _late.Add(ActLaterAsync(wait, act));
    }

    private async Task ActLaterAsync(TimeSpan wait, Func<Task> act)
    {
        try
        {
            await Task.Delay(wait, _time, _abort.Token);
            await act();
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException)
        {
            // The connection ended meanwhile. The next one subscribes to everything, and the read loop reports the reason.
            _reporter.WriteDetail($"Not sent: {exception.Message}");
        }
    }
}
