using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;
using Microsoft.AspNetCore.Http;

namespace ClawEvents.Broker.Tests.SharedPolls;

/// <summary>Back ends that are slow, away or wrong, and clients that change their mind meanwhile.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class SharedPollFaultTests : SharedPollFixture
{
    [TestCase("{")]
    [TestCase("[]")]
    [TestCase("""{"result":[]}""")]
    [TestCase("""{"result":{"items":{}}}""")]
    [TestCase("""{"result":{"items":[{"key":"k","data":1,"version":7},{"key":5}]}}""")]
    [TestCase("""{"result":{"items":[{"key":"k","data":1,"version":-1}]}}""")]
    [TestCase("""{"result":{"items":[{"key":"k","data":1,"version":"7"}]}}""")]
    [TestCase("""{"result":{"items":[{"key":"k","data":1,"version":7}],"epoch":5}}""")]
    [TestCase("""{"error":{"code":1000,"message":"not today"}}""")]
    [TestCase("""{"disconnect":{"code":4500,"reason":"go"}}""")]
    [TestCase("{}")]
    public async Task A_wrong_answer_changes_nothing_and_the_next_cycle_asks_again(string answer)
    {
        Values["k"] = Value("k", "1", version: 1);
        Far.Next(context => context.Response.WriteAsync(answer));
        var link = Subscribe();
        Track(link, "k");
        await Eventually.IsTrueAsync(() => Far.Requests.Count == 1);

        await CycleAsync();

        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "k@1 1" }));
        Assert.That(link.Connection.IsClosing, Is.False);
    }

    [Test]
    public async Task A_back_end_that_is_away_is_asked_again_in_the_next_cycle()
    {
        Values["k"] = Value("k", "1", version: 1);
        Far.NextStatus(StatusCodes.Status500InternalServerError, times: 2);
        Far.Next(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        var link = Subscribe();
        Track(link, "k");
        for (var fault = 1; fault <= 3; fault++)
        {
            await Eventually.IsTrueAsync(() => Far.Requests.Count == fault);
            await AwaitTimerAsync(Interval);
            Rig.Time.Advance(Interval);
        }

        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "k@1 1" }));
    }

    [Test]
    public async Task A_back_end_that_does_not_answer_in_time_is_asked_again()
    {
        Values["k"] = Value("k", "1", version: 1);
        Far.Next(context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default));
        var link = Subscribe();
        Track(link, "k");
        await Eventually.IsTrueAsync(() => Far.Requests.Count == 1);

        Rig.Time.Advance(TimeSpan.FromSeconds(5));
        await AwaitTimerAsync(Interval - TimeSpan.FromSeconds(5));
        Rig.Time.Advance(Interval - TimeSpan.FromSeconds(5));

        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "k@1 1" }));
    }

    [Test]
    public async Task Keys_that_are_needed_while_a_slow_back_end_thinks_share_the_next_question()
    {
        foreach (var key in (string[])["a", "b", "c"])
        {
            Values[key] = Value(key, "1", version: 1);
        }

        var thinking = Hold(1);
        var links = Enumerable.Range(0, 20).Select(_ => Subscribe()).ToArray();
        Track(links[0], "a");
        await Eventually.IsTrueAsync(() => Far.Requests.Count == 1);

        foreach (var link in links[1..])
        {
            Track(link, "a", "b", "c");
        }

        thinking.SetResult();
        foreach (var link in links[1..])
        {
            Assert.That((await PushesAsync(link, 3)).Order(), Is.EqualTo(new[] { "a@1 1", "b@1 1", "c@1 1" }));
        }

        Assert.That(await PushesAsync(links[0], 1), Is.EqualTo(new[] { "a@1 1" }));
        Assert.That(Far.Requests, Has.Count.EqualTo(2), "and everybody who waited for a got the first answer");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_client_that_leaves_under_a_question_gets_nothing_of_its_answer(bool untracks)
    {
        Values["k"] = Value("k", "1", version: 1);
        var thinking = Hold(1);
        var (leaves, stays) = (Subscribe(), Subscribe());
        Track(leaves, "k");
        Track(stays, "k");
        await Eventually.IsTrueAsync(() => Far.Requests.Count == 1);

        if (untracks)
        {
            Untrack(leaves, "k");
        }
        else
        {
            leaves.Ask("""{"id":99,"unsubscribe":{"channel":"poll:a"}}""");
        }

        thinking.SetResult();

        Assert.That(await PushesAsync(stays, 1), Is.EqualTo(new[] { "k@1 1" }));
        Assert.That(leaves.Received(), Is.Empty);
    }

    [Test]
    public async Task A_connection_that_closes_under_a_question_harms_nobody()
    {
        Values["k"] = Value("k", "1", version: 1);
        var thinking = Hold(1);
        var link = Subscribe();
        Track(link, "k");
        await Eventually.IsTrueAsync(() => Far.Requests.Count == 1);

        link.Hang();
        await link.Running;
        thinking.SetResult();
        var other = Subscribe();
        Track(other, "k");

        Assert.That(await PushesAsync(other, 1), Is.EqualTo(new[] { "k@1 1" }));
    }

    [Test]
    public async Task An_answer_with_an_older_version_changes_nothing()
    {
        Values["k"] = Value("k", "1", version: 1);
        var link = Subscribe();
        Track(link, "k");
        await PushesAsync(link, 1);
        Values["k"] = Value("k", "3", version: 3);
        await CycleAsync();
        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "k@3 3" }));

        Values["k"] = Value("k", "2", version: 2);
        await CycleAsync();
        Values["k"] = Value("k", "4", version: 4);
        await CycleAsync();

        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "k@4 4" }));
        Assert.That(Asked.TakeLast(2), Is.EqualTo(new[] { "k@3", "k@3" }));
    }

    [Test]
    public void Nothing_is_tracked_without_a_valid_signature()
    {
        var link = Subscribe(token: TestToken.Of("""{"sub":"u1"}"""));
        const string Invalid = """{"error":{"code":103,"message":"permission denied: the signature is not valid for these keys, this channel and this user"}}""";

        using (Assert.EnterMultipleScope())
        {
            Assert.That(TrackSigned(link, TrackSignature.Of(Channel, ["k"]), ["k"]), Is.EqualTo(Invalid), "of another user");
            Assert.That(TrackSigned(link, TrackSignature.Of("poll:b", ["k"], "u1"), ["k"]), Is.EqualTo(Invalid), "of another channel");
            Assert.That(TrackSigned(link, TrackSignature.Of(Channel, ["x"], "u1"), ["k"]), Is.EqualTo(Invalid), "of another key");
            Assert.That(TrackSigned(link, "", ["k"]), Is.EqualTo(Invalid), "none");
            Assert.That(TrackSigned(link, TrackSignature.Of(Channel, ["k"], "u1", expiresIn: -6), ["k"]), Is.EqualTo("""{"error":{"code":109,"message":"token expired"}}"""), "of another time");
            Assert.That(Polled!.KeyCount, Is.Zero);
            Assert.That(TrackSigned(link, TrackSignature.Of(Channel, ["k"], "u1", expiresIn: null), ["k"]), Is.EqualTo("""{"sub_refresh":{}}"""));
            Assert.That(Polled.KeyCount, Is.EqualTo(1));
        }
    }

    [Test]
    public void One_invalid_batch_of_several_refuses_all()
    {
        var link = Subscribe();
        var (right, wrong) = (TrackSignature.Of(Channel, ["a"]), TrackSignature.Of(Channel, ["b"], "u1"));

        var reply = Ask(link, $$"""{"channel":"{{Channel}}","type":1,"track":[{"signature":"{{right}}","items":[{"key":"a"}]},{"signature":"{{wrong}}","items":[{"key":"b"}]}]}""");

        Assert.That(reply, Does.StartWith("""{"error":{"code":103"""));
        Assert.That(Polled!.KeyCount, Is.Zero);
    }

    [Test]
    public void A_reply_has_the_first_end_of_all_batches()
    {
        var link = Subscribe();
        var (later, sooner, never) = (TrackSignature.Of(Channel, ["a"], expiresIn: 90), TrackSignature.Of(Channel, ["b"], expiresIn: 60), TrackSignature.Of(Channel, ["c"], expiresIn: null));

        var reply = Ask(link, $$"""
            {"channel":"{{Channel}}","type":1,"track":[{"signature":"{{later}}","items":[{"key":"a"}]},{"signature":"{{sooner}}","items":[{"key":"b"}]},{"signature":"{{never}}","items":[{"key":"c"}]}]}
            """);

        Assert.That(reply, Is.EqualTo("""{"sub_refresh":{"expires":true,"ttl":60}}"""));
    }

    [TestCase("""{"channel":"poll:a","type":1}""", """{"code":107,"message":"bad request: track needs batches with items"}""")]
    [TestCase("""{"channel":"poll:a","type":1,"track":[{"signature":"1:0:00","items":[]}]}""", """{"code":103,"message":"permission denied: the signature is not valid for these keys, this channel and this user"}""")]
    [TestCase("""{"channel":"poll:a","type":1,"track":[{"signature":"1:0:00","items":[{"key":""}]}]}""", """{"code":107,"message":"bad request: a key is not empty and has no NUL character"}""")]
    [TestCase("""{"channel":"poll:a","type":1,"track":[{"signature":"1:0:00","items":[{"key":"a\u0000b"}]}]}""", """{"code":107,"message":"bad request: a key is not empty and has no NUL character"}""")]
    [TestCase("""{"channel":"poll:a","type":2}""", """{"code":107,"message":"bad request: untrack needs keys"}""")]
    [TestCase("""{"channel":"poll:a"}""", """{"code":107,"message":"bad request: token is missing"}""")]
    public void An_incomplete_command_is_refused(string request, string error) => Assert.That(Ask(Subscribe(), request), Is.EqualTo($$"""{"error":{{error}}}"""));

    [Test]
    public void Keys_are_tracked_in_a_subscription_to_a_shared_poll_only()
    {
        var link = Subscribe();
        Assert.That(link.Ask("""{"id":5,"subscribe":{"channel":"stream:a"}}""").Single(), Is.EqualTo("""{"id":5,"subscribe":{}}"""));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(TrackSigned(link, TrackSignature.Of("stream:a", ["k"]), ["k"], "stream:a"), Does.StartWith("""{"error":{"code":103,"""));
            Assert.That(TrackSigned(link, TrackSignature.Of("poll:b", ["k"]), ["k"], "poll:b"), Does.StartWith("""{"error":{"code":103,"""), "not subscribed");
            Assert.That(link.Ask("""{"id":6,"subscribe":{"channel":"poll:c"}}""").Single(), Does.StartWith("""{"id":6,"error":{"code":103,"""), "a stream");
            Assert.That(link.Ask("""{"id":7,"subscribe":{"channel":"stream:c","type":4}}""").Single(), Does.StartWith("""{"id":7,"error":{"code":103,"""), "a poll of a stream");
        }
    }

    [Test]
    public async Task Keys_whose_signature_was_not_renewed_are_dropped_silently_after_a_delay()
    {
        var link = Subscribe();
        TrackSigned(link, TrackSignature.Of(Channel, ["a"], expiresIn: 60), ["a@1"]);
        TrackSigned(link, TrackSignature.Of(Channel, ["b"], expiresIn: 60), ["b@1"]);
        TrackSigned(link, TrackSignature.Of(Channel, ["b"], expiresIn: 100), ["b@1"]);

        Rig.Time.Advance(TimeSpan.FromSeconds(60) + Options.TrackExpiredExtraDelay);
        Assert.That(Polled!.KeyCount, Is.EqualTo(2));
        Rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.That(Polled.KeyCount, Is.EqualTo(1));
        Rig.Time.Advance(TimeSpan.FromSeconds(40));
        Assert.That(Polled.KeyCount, Is.Zero);

        Assert.That(link.Received(), Is.Empty);
        Values["a"] = Value("a", "1", version: 1);
        TrackSigned(link, TrackSignature.Of(Channel, ["a"], expiresIn: 1_000), ["a"]);
        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "a@1 1" }));
    }

    // Answers the next requests when the test says so.
    private TaskCompletionSource Hold(int requests)
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        for (var i = 0; i < requests; i++)
        {
            Far.Next(async context =>
            {
                await go.Task.WaitAsync(RunningBroker.Patience);
                await Far.AnswerAsUsualAsync(context);
            });
        }

        return go;
    }
}
