using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.SharedPolls;

/// <summary>Values with versions of the back end.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class SharedPollTests : SharedPollFixture
{
    [Test]
    public async Task A_tracked_key_is_asked_for_immediately_and_then_in_each_cycle()
    {
        Values["k"] = Value("k", "1", version: 3);
        var link = Subscribe();

        Assert.That(Track(link, "k"), Is.EqualTo("""{"sub_refresh":{"expires":true,"ttl":3600}}"""));

        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "k@3 1" }));
        Values["k"] = Value("k", """{"n":2}""", version: 4);
        await CycleAsync();
        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { """k@4 {"n":2}""" }));
        Assert.That(Asked, Is.EqualTo(new[] { "k", "k@3" }));
        Assert.That(Far.Bodies[1], Is.EqualTo("""{"channel":"poll:a","items":[{"key":"k","version":3}]}"""));
    }

    [Test]
    public async Task Only_a_newer_version_with_data_is_delivered()
    {
        Values["k"] = Value("k", "5", version: 5);
        var link = Subscribe();
        Track(link, "k");
        await PushesAsync(link, 1);

        foreach (var item in (string[])[Value("k", "4", version: 4), Value("k", "55", version: 5), Value("k", "0"), """{"key":"k","version":9}""", """{"key":"k"}"""])
        {
            Values["k"] = item;
            await CycleAsync();
        }

        Values["k"] = Value("k", "6", version: 6);
        await CycleAsync();
        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "k@6 6" }));
    }

    [Test]
    public async Task A_client_with_the_newest_version_gets_nothing_and_causes_no_question()
    {
        Values["k"] = Value("k", "5", version: 5);
        var link = Subscribe();
        Track(link, "k@5");

        await CycleAsync();
        await AwaitTimerAsync(Interval);
        Values["k"] = Value("k", "6", version: 6);
        await CycleAsync();

        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "k@6 6" }));
        Assert.That(Asked, Is.EqualTo(new[] { "k", "k@5" }));
    }

    [Test]
    public async Task A_later_client_gets_the_value_that_others_have_already()
    {
        Values["k"] = Value("k", "1", version: 1);
        var first = Subscribe();
        Track(first, "k");
        await PushesAsync(first, 1);
        var (second, third) = (Subscribe(), Subscribe());

        Track(second, "k");
        var got = await PushesAsync(second, 1);
        Track(third, "k@1");
        Values["k"] = Value("k", "2", version: 2);
        await CycleAsync();

        Assert.That(got, Is.EqualTo(new[] { "k@1 1" }));
        Assert.That(await PushesAsync(third, 1), Is.EqualTo(new[] { "k@2 2" }));
        Assert.That(await PushesAsync(first, 1), Is.EqualTo(new[] { "k@2 2" }), "the first one does not get the value again");
        Assert.That(Asked, Is.EqualTo(new[] { "k", "k", "k@1" }));
    }

    [Test]
    public async Task Each_client_gets_only_the_keys_that_it_tracks()
    {
        (Values["a"], Values["b"], Values["c"]) = (Value("a", "1", version: 1), Value("b", "2", version: 1), Value("c", "3", version: 1));
        var (one, other) = (Subscribe(), Subscribe());
        Track(one, "a", "b");
        await PushesAsync(one, 2);
        Track(other, "c");
        await PushesAsync(other, 1);

        (Values["a"], Values["b"], Values["c"]) = (Value("a", "4", version: 2), Value("b", "5", version: 2), Value("c", "6", version: 2));
        await CycleAsync();

        Assert.That((await PushesAsync(one, 2)).Order(), Is.EqualTo(new[] { "a@2 4", "b@2 5" }));
        Assert.That(await PushesAsync(other, 1), Is.EqualTo(new[] { "c@2 6" }));
        Assert.That(Asked[^1], Is.EqualTo("a@1 b@1 c@1"));
    }

    [Test]
    public async Task A_thousand_clients_with_overlapping_keys_cause_one_question_in_each_cycle()
    {
        var keys = Enumerable.Range(0, 100).Select(i => $"k{i:00}").ToArray();
        Array.ForEach(keys, key => Values[key] = Value(key, "1", version: 1));
        var links = Enumerable.Range(0, 1_000).Select(_ => Subscribe()).ToArray();
        for (var i = 0; i < links.Length; i++)
        {
            Track(links[i], Enumerable.Range(i, 10).Select(n => $"{keys[n % keys.Length]}@1").ToArray());
        }

        Array.ForEach(links, link => link.Discard());
        Assert.That(Asked, Is.Empty, "everybody has the newest version");
        await CycleAsync();
        Assert.That(Asked, Is.EqualTo(new[] { string.Join(' ', keys) }));

        await AwaitTimerAsync(Interval);
        Values["k07"] = Value("k07", "2", version: 2);
        await CycleAsync();

        Assert.That(Asked, Has.Count.EqualTo(2));
        var tracking = links.Where((_, i) => Enumerable.Range(i, 10).Any(n => n % keys.Length == 7)).ToList();
        Assert.That(tracking, Has.Count.EqualTo(100));
        foreach (var link in tracking)
        {
            Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "k07@2 2" }));
        }

        Assert.That(links.Except(tracking).SelectMany(link => link.Received()), Is.Empty);
    }

    [Test]
    public async Task Keys_that_were_not_asked_for_are_ignored()
    {
        Values["k"] = $"{Value("x", "1", version: 1)},{Value("", "1", version: 1)},{Value("k", "2", version: 2)}";
        var link = Subscribe();
        Track(link, "k");

        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "k@2 2" }));
        Assert.That(Polled!.KeyCount, Is.EqualTo(1));
    }

    [Test]
    public async Task A_removed_key_is_reported_and_no_longer_tracked()
    {
        Values["k"] = Value("k", "1", version: 1);
        var (one, other) = (Subscribe(), Subscribe());
        Track(one, "k");
        await PushesAsync(one, 1);
        Track(other, "k@1");
        Values["k"] = """{"key":"k","removed":true,"version":2,"data":null}""";

        await CycleAsync();

        Assert.That(await PushesAsync(one, 1), Is.EqualTo(new[] { "-k" }));
        Assert.That(await PushesAsync(other, 1), Is.EqualTo(new[] { "-k" }));
        Assert.That(Polled!.KeyCount, Is.Zero);

        Values["k"] = Value("k", "3", version: 1);
        Track(one, "k");
        Assert.That(await PushesAsync(one, 1), Is.EqualTo(new[] { "k@1 3" }), "a new key of that name");
    }

    [Test]
    public async Task An_untracked_key_is_neither_delivered_nor_asked_for()
    {
        (Values["a"], Values["b"]) = (Value("a", "1", version: 1), Value("b", "1", version: 1));
        var link = Subscribe();
        Track(link, "a", "b");
        await PushesAsync(link, 2);

        Assert.That(Untrack(link, "a", "unknown"), Is.EqualTo("""{"sub_refresh":{}}"""));
        (Values["a"], Values["b"]) = (Value("a", "2", version: 2), Value("b", "2", version: 2));
        await CycleAsync();

        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "b@2 2" }));
        Assert.That(Asked[^1], Is.EqualTo("b@1"));
    }

    [Test]
    public async Task Keys_of_a_signed_batch_may_be_left_out()
    {
        (Values["a"], Values["b"]) = (Value("a", "1", version: 1), Value("b", "1", version: 1));
        var link = Subscribe();
        var signature = Support.Tokens.TrackSignature.Of(Channel, ["a", "b"]);

        Ask(link, $$"""{"channel":"{{Channel}}","type":1,"track":[{"signature":"{{signature}}","items":[{"key":"a"},{"key":"b"}]}],"untrack":["b"]}""");

        Assert.That(await PushesAsync(link, 1), Is.EqualTo(new[] { "a@1 1" }));
        Assert.That(Asked, Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public async Task Nobody_is_asked_when_nobody_tracks_a_key()
    {
        var link = Subscribe();
        Track(link, "k@1");
        await CycleAsync();
        await AwaitTimerAsync(Interval);

        Untrack(link, "k");
        Rig.Time.Advance(Interval);
        Rig.Time.Advance(Interval);

        // What goes on in another channel shows that time passes.
        var other = Subscribe("poll:b");
        TrackSigned(other, Support.Tokens.TrackSignature.Of("poll:b", ["x"]), ["x"], "poll:b");
        await Eventually.IsTrueAsync(() => Asked.Count == 2);
        Assert.That(Asked, Is.EqualTo(new[] { "k", "x" }));
    }

    [Test]
    public async Task An_unsubscribed_client_gets_nothing_and_the_channel_ends_after_its_delay()
    {
        Values["k"] = Value("k", "1", version: 1);
        var link = Subscribe();
        Track(link, "k");
        await PushesAsync(link, 1);

        Assert.That(link.Ask("""{"id":9,"unsubscribe":{"channel":"poll:a"}}"""), Is.EqualTo(new[] { """{"id":9,"unsubscribe":{}}""" }));

        Assert.That((Polled!.KeyCount, link.Received()), Is.EqualTo((0, Array.Empty<string>())));
        Rig.Time.Advance(Options.ChannelShutdownDelay * 2);
        Assert.That(Polled, Is.Null);
    }

    [Test]
    public async Task A_client_that_is_gone_leaves_no_key_behind()
    {
        Values["k"] = Value("k", "1", version: 1);
        var (gone, stays) = (Subscribe(), Subscribe());
        Track(gone, "a@1", "k@1");
        Track(stays, "k@1");

        gone.Hang();
        await gone.Running;

        Assert.That(Polled!.KeyCount, Is.EqualTo(1));
        Values["k"] = Value("k", "2", version: 2);
        await CycleAsync();
        Assert.That(await PushesAsync(stays, 1), Is.EqualTo(new[] { "k@2 2" }));
        Assert.That(Asked, Is.EqualTo(new[] { "k" }));
    }
}
