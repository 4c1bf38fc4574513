using ClawEvents.Broker.Hub;

namespace ClawEvents.Broker.Tests.Hub;

/// <summary>Random operations against a list of bytes that knows where each frame begins.</summary>
internal sealed class FrameQueueTests
{
    private readonly FrameQueue _queue = new();
    private readonly List<Frame> _model = [];
    private byte _next;

    [Test]
    public void Random_operations_leave_what_a_simple_list_has([Range(1, 20)] int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 2_000; i++)
        {
            Change(random);
            Assert.That(_queue.Bytes, Is.EqualTo(_model.Sum(frame => frame.Bytes.Length)));
            Assert.That(_queue.IsEmpty, Is.EqualTo(_model.Count == 0));
        }

        Assert.That(Copy(_queue.Bytes + 1), Is.EqualTo(_model.SelectMany(frame => frame.Bytes)));
    }

    [Test]
    public void The_rest_of_a_send_goes_before_what_waits_and_is_not_dropped()
    {
        _queue.Enqueue(new byte[] { 3 });
        _queue.Enqueue(new byte[] { 4 });
        _queue.EnqueueRest(new byte[] { 1, 2 });
        Assert.That(Copy(10), Is.EqualTo(new byte[] { 1, 2, 3, 4 }));

        _queue.DropUnbegun();

        Assert.That(Copy(10), Is.EqualTo(new byte[] { 1, 2 }));
        Assert.That(_queue.Bytes, Is.EqualTo(2));
    }

    private void Change(Random random)
    {
        switch (random.Next(6))
        {
            case 0 or 1:
                var bytes = Bytes(random);
                _queue.Enqueue(bytes);
                _model.Add(new(bytes, HasBegun: false));
                break;
            case 2 when !_model.Exists(frame => frame.HasBegun):
                var rest = Bytes(random);
                _queue.EnqueueRest(rest);
                _model.Insert(0, new(rest, HasBegun: true));
                break;
            case 3 or 4 when _model.Count > 0:
                Advance(random.Next(_queue.Bytes + 1));
                break;
            case 5 when random.Next(10) == 0:
                _queue.DropUnbegun();
                _model.RemoveAll(frame => !frame.HasBegun);
                break;
            default:
                var length = random.Next(_queue.Bytes + 10);
                Assert.That(Copy(length), Is.EqualTo(_model.SelectMany(frame => frame.Bytes).Take(length)));
                break;
        }
    }

    private void Advance(int count)
    {
        _queue.Advance(count);
        while (_model.Count > 0 && count >= _model[0].Bytes.Length)
        {
            count -= _model[0].Bytes.Length;
            _model.RemoveAt(0);
        }

        if (count > 0)
        {
            _model[0] = new(_model[0].Bytes[count..], HasBegun: true);
        }
    }

    private byte[] Bytes(Random random) => [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => _next++)];

    private byte[] Copy(int length)
    {
        var target = new byte[length];
        return target[.._queue.CopyTo(target)];
    }

    private sealed record Frame(byte[] Bytes, bool HasBegun);
}
