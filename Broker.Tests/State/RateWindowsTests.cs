using System.Runtime.CompilerServices;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.State;

internal sealed class RateWindowsTests
{
    private readonly ManualTimeProvider _time = new();

    [Test]
    public void A_sweep_keeps_a_window_that_has_not_ended()
    {
        var windows = new RateWindows(_time);
        _time.Advance(TimeSpan.FromSeconds(4.5));
        windows.Count("bob");

        _time.Advance(TimeSpan.FromSeconds(0.6));
        windows.Count("the one whose request sweeps");
        var second = windows.Count("bob");

        Assert.That(second.Count, Is.EqualTo(2));
    }

    [Test]
    public void A_sweep_removes_windows_that_have_ended()
    {
        var windows = new RateWindows(_time);
        var strangers = CountStrangers(windows);
        _time.Advance(TimeSpan.FromSeconds(6));

        windows.Count("the one whose request sweeps");
        GC.Collect();

        Assert.That(strangers.Count(stranger => stranger.IsAlive), Is.Zero);
        GC.KeepAlive(windows);
    }

    [Test]
    public void Sweeps_are_repeated_as_time_passes()
    {
        var windows = new RateWindows(_time);
        for (var i = 0; i < 3; i++)
        {
            var strangers = CountStrangers(windows);
            _time.Advance(TimeSpan.FromSeconds(6));

            windows.Count("the one whose request sweeps");
            GC.Collect();

            Assert.That(strangers.Count(stranger => stranger.IsAlive), Is.Zero, $"sweep {i}");
        }

        GC.KeepAlive(windows);
    }

    // Not inlined: no reference to a name may stay on the test's stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static List<WeakReference> CountStrangers(RateWindows windows)
    {
        var strangers = new List<WeakReference>();
        for (var i = 0; i < 100; i++)
        {
            var name = $"stranger{i}";
            windows.Count(name);
            strangers.Add(new WeakReference(name));
        }

        return strangers;
    }
}
