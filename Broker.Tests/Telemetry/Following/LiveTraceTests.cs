using System.Text;
using ClawEvents.Broker.Telemetry.Following;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Telemetry.Following;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class LiveTraceTests
{
    private readonly LiveTrace _trace = new(new ManualTimeProvider());

    [Test]
    public async Task Each_follower_gets_what_it_follows()
    {
        var (user, channel) = (_trace.Follow(new(IsUser: true, "alice"))!, _trace.Follow(new(IsUser: false, "public.a"))!);

        _trace.Tell(new("subscribed", "alice") { Channel = "public.b" });
        _trace.Tell(new("subscribed", "bob") { Channel = "public.a" });
        _trace.Tell(new("subscribed", "alice") { Channel = "public.a" });
        _trace.Tell(new("subscribed", "bob") { Channel = "public.b" });

        Assert.That(await TakeAsync(user), Is.EqualTo("""
            [{"time":"2026-01-02T03:04:05Z","event":"subscribed","user":"alice","channel":"public.b"},{"time":"2026-01-02T03:04:05Z","event":"subscribed","user":"alice","channel":"public.a"}]
            """));
        Assert.That(await TakeAsync(channel), Is.EqualTo("""
            [{"time":"2026-01-02T03:04:05Z","event":"subscribed","user":"bob","channel":"public.a"},{"time":"2026-01-02T03:04:05Z","event":"subscribed","user":"alice","channel":"public.a"}]
            """));
    }

    [Test]
    public async Task A_slow_follower_is_told_what_it_has_lost()
    {
        var follower = _trace.Follow(new(IsUser: true, "alice"))!;
        for (var i = 0; i < TraceFollower.MaxWaiting + 7; i++)
        {
            _trace.Tell(new("published", "alice"));
        }

        Assert.That(await TakeAsync(follower), Does.EndWith(""",{"event":"dropped","count":7}]"""));
        Assert.That(await TakeAsync(follower), Does.Not.Contain("dropped"));
    }

    [Test]
    public async Task Whoever_left_gets_nothing()
    {
        var (first, second) = (_trace.Follow(new(IsUser: true, "alice"))!, _trace.Follow(new(IsUser: true, "alice"))!);
        _trace.Leave(first);

        _trace.Tell(new("closed", "alice") { Code = 1000 });

        Assert.That(await TakeAsync(second), Does.Contain("\"code\":1000"));
        using var over = new CancellationTokenSource();
        var taking = first.TakeAsync(over.Token).AsTask();
        Assert.That(taking.IsCompleted, Is.False);
        await over.CancelAsync();
        Assert.That(async () => await taking, Throws.InstanceOf<OperationCanceledException>());
    }

    [TestCase("\"\\u0000\u202E<script>\"")]
    [TestCase("not JSON")]
    public async Task A_payload_is_text_in_JSON(string payload)
    {
        var follower = _trace.Follow(new(IsUser: false, "public.a"))!;

        _trace.Tell(new("published", null) { Channel = "public.a", Data = Encoding.UTF8.GetBytes(payload) });

        var told = System.Text.Json.JsonElement.Parse(await TakeAsync(follower))[0];
        Assert.That(told.GetProperty("data").GetString(), Is.EqualTo(payload));
    }

    [Test]
    public void While_nobody_follows_asking_allocates_nothing() => Assert.That(Allocations.PerCall(() => _ = _trace.IsOn), Is.Zero);

    private static async Task<string> TakeAsync(TraceFollower follower) => Encoding.UTF8.GetString((await follower.TakeAsync(CancellationToken.None)).Span);
}
