namespace ClawEvents.Broker.SharedPolls;

/// <summary>Why a key is asked for.</summary>
internal enum PollTrigger : byte
{
    /// <summary>Its turn has come.</summary>
    Timer,

    /// <summary>Somebody has begun to track it.</summary>
    Track,
}

/// <summary>Asks a back end for the values of one channel: all keys in each interval, and soon those that somebody lacks.</summary>
/// <remarks>
/// Thread-safe. A cycle that takes longer than the interval is followed by the next one immediately, never joined by it. Questions of a cycle are spread
/// over the interval. Keys that are asked for soon wait for the question that is under way, and then share the next one: a back end that is slow, or away,
/// is asked one such question at a time.
/// </remarks>
internal sealed class ChannelPoll(PolledChannel channel, SharedPollChannels home)
{
    private readonly Lock _gate = new();
    private HashSet<string> _soon = new(StringComparer.Ordinal);
    private bool _isRunning;
    private bool _isAskingSoon;

    /// <summary>Begins the cycles, unless they run. They end when nobody tracks a key.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_isRunning)
            {
                return;
            }

            _isRunning = true;
        }

        // Whoever calls holds a gate.
        _ = Task.Run(RunAsync);
    }

    /// <summary>Asks for keys without waiting for their turn.</summary>
    public void AskSoon(IEnumerable<string> names)
    {
        lock (_gate)
        {
            _soon.UnionWith(names);
            if (_isAskingSoon)
            {
                return;
            }

            _isAskingSoon = true;
        }

        _ = Task.Run(AskSoonAsync);
    }

    private async Task RunAsync()
    {
        var wait = channel.Options.RefreshInterval;
        while (await home.TryWaitAsync(wait) && !IsOver())
        {
            var begun = home.Time.GetTimestamp();
            await home.RunUnattendedAsync(AskAllAsync);
            var taken = home.Time.GetElapsedTime(begun);
            home.Counts.CycleEnded(taken);
            wait = channel.Options.RefreshInterval - taken;
        }
    }

    private bool IsOver()
    {
        lock (_gate)
        {
            _isRunning = channel.KeyCount > 0;
            return !_isRunning;
        }
    }

    private async ValueTask AskAllAsync()
    {
        var batches = channel.BeginCycle();
        var questions = new List<Task>(batches.Count);
        for (var i = 0; i < batches.Count; i++)
        {
            if (i > 0 && !await home.TryWaitAsync(channel.Options.RefreshInterval / batches.Count))
            {
                break;
            }

            questions.Add(AskAsync(batches[i], PollTrigger.Timer));
        }

        await Task.WhenAll(questions);
    }

    private async Task AskSoonAsync()
    {
        while (TakeSoon() is { } names)
        {
            await home.RunUnattendedAsync(async () =>
            {
                foreach (var some in names.Chunk(channel.Options.RefreshBatchSize))
                {
                    await AskAsync(some, PollTrigger.Track);
                }
            });
        }
    }

    // Null when nothing is wanted: whoever wants something then begins anew.
    private HashSet<string>? TakeSoon()
    {
        lock (_gate)
        {
            _isAskingSoon = _soon.Count > 0;
            var names = _soon;
            _soon = new(StringComparer.Ordinal);
            return _isAskingSoon ? names : null;
        }
    }

    private async Task AskAsync(IReadOnlyCollection<string> names, PollTrigger trigger)
    {
        if (await home.AskAsync(channel, () => channel.QuestionAbout(names)) is { } answer)
        {
            channel.OnAnswer(answer, trigger);
        }
    }
}
