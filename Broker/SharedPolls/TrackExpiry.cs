using ClawEvents.Broker.Clock;

namespace ClawEvents.Broker.SharedPolls;

/// <summary>Has a subscription drop the keys whose signatures have expired. Made for the first key that expires.</summary>
/// <remarks>Thread-safe: its gate is the object itself.</remarks>
internal sealed class TrackExpiry(SharedPollSubscription subscription, TimerWheel wheel, TimeProvider time) : TimerNode
{
    // Dates are compared with a clock that can be set, and that goes on while the machine sleeps; the wheel's does neither.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    // In seconds since 1970; 0: nothing is expected.
    private long _next;
    private bool _isStopped;

    /// <param name="moment">In seconds since 1970. An earlier one that is expected stays.</param>
    public void Expect(long moment)
    {
        lock (this)
        {
            _next = _next == 0 ? moment : Math.Min(_next, moment);
            Schedule();
        }
    }

    public void Stop()
    {
        lock (this)
        {
            _isStopped = true;
            wheel.Cancel(this);
        }
    }

    /// <inheritdoc/>
    public override void OnDue()
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        long due;
        lock (this)
        {
            due = _next;
            if (due == 0 || due > now)
            {
                Schedule();
                return;
            }

            _next = 0;
        }

        // Not under the gate: the subscription stops this under its own.
        if (subscription.DropExpired(now) is var next and not 0)
        {
            Expect(next);
        }
    }

    private void Schedule()
    {
        if (!_isStopped && _next > 0)
        {
            var left = TimeSpan.FromSeconds(_next) - TimeSpan.FromTicks(time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks);
            wheel.Schedule(this, left < TimeSpan.Zero ? TimeSpan.Zero : left < LongestWait ? left : LongestWait);
        }
    }
}
