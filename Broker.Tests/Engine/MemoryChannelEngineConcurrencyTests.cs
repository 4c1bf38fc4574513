using System.Collections.Concurrent;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Engine;

/// <summary>Many publishers, readers and expiries at the same time.</summary>
internal sealed class MemoryChannelEngineConcurrencyTests
{
    private const int Publishers = 4;
    private const int PublicationsEach = 5_000;

    private static readonly HistoryOptions Hundred = new(100, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));

    private readonly ChannelName _channel = TestChannel.Named("public.storm");

    [Test]
    public void Offsets_have_no_gaps_and_are_delivered_in_their_order()
    {
        var receiver = new RecordingReceiver();
        using var engine = new MemoryChannelEngine(receiver, TimeProvider.System);
        var results = new ConcurrentDictionary<ulong, string>();

        Together(Publishers, publisher =>
        {
            for (var i = 0; i < PublicationsEach; i++)
            {
                var text = $"{publisher} {i}";
                Assert.That(results.TryAdd(Publish(engine, text).Position.Offset, text), Is.True);
            }
        });

        var delivered = receiver.Deliveries;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(delivered.Select(delivery => delivery.Position.Offset), Is.EqualTo(Enumerable.Range(1, Publishers * PublicationsEach)));
            Assert.That(delivered.All(delivery => results[delivery.Position.Offset] == delivery.Data), Is.True);
            Assert.That(delivered.Select(delivery => delivery.Position.Epoch).Distinct().Count(), Is.EqualTo(1));
        }
    }

    [Test]
    public void Each_delta_has_the_payload_that_was_delivered_before_it()
    {
        var receiver = new RecordingReceiver();
        using var engine = new MemoryChannelEngine(receiver, TimeProvider.System);

        Together(Publishers, publisher =>
        {
            for (var i = 0; i < PublicationsEach; i++)
            {
                Publish(engine, $"{publisher} {i}");
            }
        });

        var delivered = receiver.Deliveries;
        Assert.That(delivered.Skip(1).Select(delivery => delivery.Previous), Is.EqualTo(delivered.SkipLast(1).Select(delivery => delivery.Data)));
    }

    [Test]
    [CancelAfter(60_000)]
    public void A_subscriber_by_the_recipe_during_a_storm_gets_everything_once_and_in_order(CancellationToken cancellation)
    {
        var receiver = new BufferingReceiver();
        using var engine = new MemoryChannelEngine(receiver, TimeProvider.System);
        using var started = new CountdownEvent(Publishers);

        // Until a subscriber has met it.
        var isMet = false;
        var storm = Task.Run(
            () => Together(Publishers, publisher =>
            {
                for (var i = 0; (i < PublicationsEach || !Volatile.Read(ref isMet)) && !cancellation.IsCancellationRequested; i++)
                {
                    Publish(engine, $"{publisher} {i}");
                    if (i == 50)
                    {
                        started.Signal();
                    }
                }
            }),
            cancellation);
        started.Wait(cancellation);

        var stays = new List<(ulong From, ulong[] Offsets)>();
        while (!storm.IsCompleted)
        {
            stays.Add(Stay(engine, receiver));
            Volatile.Write(ref isMet, isMet || stays[^1].Offsets.Length > 0);
        }

        storm.GetAwaiter().GetResult();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(stays, Is.Not.Empty);
            Assert.That(stays.All(stay => FollowsWithoutGap(stay.From, stay.Offsets)), Is.True);
            Assert.That(stays.Sum(stay => stay.Offsets.Length), Is.Positive);
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public void A_channel_whose_position_expires_while_it_is_used_never_mixes_two_epochs(CancellationToken cancellation)
    {
        var time = new ManualTimeProvider();
        var receiver = new RecordingReceiver();
        using var engine = new MemoryChannelEngine(receiver, time);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var clock = Task.Run(
            () =>
            {
                while (!done.IsCancellationRequested)
                {
                    time.Advance(TimeSpan.FromSeconds(1));
                }
            },
            CancellationToken.None);

        Together(Publishers, _ =>
        {
            for (var i = 0; i < PublicationsEach; i++)
            {
                engine.PublishAsync(_channel, new() { Publication = new("x"u8.ToArray()), History = new(5, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)) }).AsTask().Wait();
            }
        });
        done.Cancel();
        clock.GetAwaiter().GetResult();

        var positions = receiver.Deliveries.Select(delivery => delivery.Position).ToArray();
        var epochs = positions.GroupBy(position => position.Epoch).ToArray();
        var changes = positions.Skip(1).Zip(positions).Count(pair => pair.First.Epoch != pair.Second.Epoch);
        time.Advance(TimeSpan.FromSeconds(3));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(positions, Has.Length.EqualTo(Publishers * PublicationsEach));
            Assert.That(epochs, Has.Length.GreaterThan(1), "something expired");
            Assert.That(changes, Is.EqualTo(epochs.Length - 1), "an epoch that is over does not come back");
            Assert.That(epochs.All(epoch => FollowsWithoutGap(0, [.. epoch.Select(position => position.Offset)])), Is.True);
            Assert.That((engine.StreamCount, engine.UsedBytes), Is.EqualTo((0, 0L)));
        }
    }

    [Test]
    public void Clients_that_come_and_go_concurrently_leave_nothing_behind()
    {
        using var engine = new MemoryChannelEngine(new RecordingReceiver(), TimeProvider.System);

        Together(Publishers, user =>
        {
            for (var i = 0; i < PublicationsEach; i++)
            {
                var client = Guid.NewGuid();
                engine.AddPresenceAsync(_channel, new($"{user}", client), TimeSpan.FromMinutes(1)).AsTask().Wait();
                Assert.That(engine.GetPresenceStatsAsync(_channel).AsTask().Result.Users, Is.InRange(1, Publishers));
                engine.RemovePresenceAsync(_channel, client).AsTask().Wait();
            }
        });

        Assert.That(engine.PresenceCount, Is.Zero);
    }

    private PublishResult Publish(MemoryChannelEngine engine, string text) =>
        engine.PublishAsync(_channel, new() { Publication = new(text.Utf8()), History = Hundred, WantsDelta = true }).AsTask().Result;

    // Comes in with the position of some publications ago, stays for a while, and goes.
    private (ulong From, ulong[] Offsets) Stay(MemoryChannelEngine engine, BufferingReceiver receiver)
    {
        var now = Read(engine, HistoryFilter.Position).Top;
        var request = new RecoveryRequest { Since = now with { Offset = now.Offset - 20 }, Recover = true, IsRecoverable = true };
        receiver.Start();
        var result = Recovery.Resolve(request, Read(engine, Recovery.FilterFor(request)));
        receiver.WaitForSome();
        var buffered = receiver.Stop();
        var tracker = new PositionTracker(result.Top);
        var offsets = result.Publications.Select(publication => publication.Offset).ToList();
        foreach (var position in buffered)
        {
            var step = tracker.Next(position);
            Assert.That(step, Is.Not.EqualTo(PositionStep.InsufficientState));
            if (step is PositionStep.Deliver)
            {
                offsets.Add(position.Offset);
            }
        }

        return (result.Recovered ? request.Since.Offset : result.Top.Offset, [.. offsets]);
    }

    private HistoryPage Read(MemoryChannelEngine engine, HistoryFilter filter) =>
        engine.ReadHistoryAsync(_channel, filter, Hundred.MetaTtl).AsTask().Result;

    private static bool FollowsWithoutGap(ulong from, ulong[] offsets) =>
        offsets.Index().All(entry => entry.Item == from + 1 + (ulong)entry.Index);

    private static void Together(int count, Action<int> act)
    {
        using var start = new Barrier(count);
        var failures = new ConcurrentQueue<Exception>();
        var threads = Enumerable.Range(0, count).Select(number => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                act(number);
            }
            catch (Exception failure)
            {
                failures.Enqueue(failure);
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.That(failures, Is.Empty);
    }

    /// <summary>The hub as far as one pending subscriber sees it.</summary>
    private sealed class BufferingReceiver : IChannelReceiver
    {
        private readonly Lock _gate = new();
        private List<StreamPosition>? _buffer;

        public void Start()
        {
            lock (_gate)
            {
                _buffer = [];
            }
        }

        // The storm may be over: then nothing more comes.
        public void WaitForSome() => SpinWait.SpinUntil(() => _buffer!.Count > 30, TimeSpan.FromMilliseconds(100));

        public StreamPosition[] Stop()
        {
            lock (_gate)
            {
                StreamPosition[] kept = [.. _buffer!];
                _buffer = null;
                return kept;
            }
        }

        public void Deliver(ChannelName channel, in DeliveredPublication publication)
        {
            lock (_gate)
            {
                _buffer?.Add(publication.Position);
            }
        }

        public void DeliverJoin(ChannelName channel, ClientInfo client)
        {
        }

        public void DeliverLeave(ChannelName channel, ClientInfo client)
        {
        }

        public void DeliverInterruption(ChannelName channel, StreamPosition? top)
        {
        }
    }
}
