using System.Collections.Concurrent;
using System.Globalization;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>Publishes <c>NAME-0</c>, <c>NAME-1</c> and so on through one node, and records the acknowledged ones.</summary>
internal sealed class SteadyPublisher : IAsyncDisposable
{
    // A client that misses more than 300 publications of a channel does not recover: this is enough for the longest outage of a test.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(25);

    private readonly HttpClient _http;
    private readonly string _name;
    private readonly bool _keepsTrying;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Task _running;
    private readonly ConcurrentQueue<Acknowledgement> _acknowledged = new();
    private readonly ConcurrentDictionary<int, int> _statuses = new();
    private bool _isStopped;
    private bool _isPaused;

    /// <param name="name">Different for each.</param>
    /// <param name="keepsTrying">A refused publication is published again, with its idempotency key.</param>
    public SteadyPublisher(HttpClient http, string channel, string name, bool keepsTrying)
    {
        _http = http;
        Channel = channel;
        _name = name;
        _keepsTrying = keepsTrying;
        _running = RunAsync();
    }

    public string Channel { get; }

    /// <summary>In the order in which they were published.</summary>
    public IReadOnlyCollection<Acknowledgement> Acknowledged => _acknowledged;

    /// <summary>The number of answers with each HTTP status.</summary>
    public IReadOnlyDictionary<int, int> Statuses => _statuses;

    /// <summary>The number of a publication of this publisher; null for another's.</summary>
    public int? NumberOf(string text) =>
        text.StartsWith($"{_name}-", StringComparison.Ordinal) ? int.Parse(text.AsSpan(_name.Length + 1), CultureInfo.InvariantCulture) : null;

    /// <summary>From here on nothing is published and no answer is waited for, until <see cref="GoOn"/>.</summary>
    public async Task PauseAsync()
    {
        await _turn.WaitAsync();
        _isPaused = true;
    }

    public void GoOn()
    {
        _isPaused = false;
        _turn.Release();
    }

    /// <summary>Ends it, and waits for the last answer.</summary>
    public ValueTask DisposeAsync()
    {
        Volatile.Write(ref _isStopped, true);
        if (_isPaused)
        {
            GoOn();
        }

        return new(_running);
    }

    private async Task RunAsync()
    {
        for (var number = 0; !Volatile.Read(ref _isStopped); number++)
        {
            var answer = await TryAsync(number);
            while (!answer.IsAcknowledged && _keepsTrying && !Volatile.Read(ref _isStopped))
            {
                answer = await TryAsync(number);
            }
        }
    }

    private async Task<NodeAnswer> TryAsync(int number)
    {
        await _turn.WaitAsync();
        var text = string.Create(CultureInfo.InvariantCulture, $"{_name}-{number}");
        var answer = await _http.PublishAsync(Channel, text, _keepsTrying ? text : null);
        _statuses.AddOrUpdate(answer.Status, 1, (_, count) => count + 1);
        if (answer.IsAcknowledged)
        {
            _acknowledged.Enqueue(new(text, answer.Offset, answer.Epoch));
        }

        _turn.Release();
        await Task.Delay(Pace);
        return answer;
    }
}

/// <summary>A publication that was answered with a 200.</summary>
internal sealed record Acknowledgement(string Text, ulong Offset, string Epoch);
