using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Tests.Transport;

internal sealed class SlotTableTests
{
    private readonly SlotTable _table = new();

    [Test]
    public void A_number_finds_its_socket_until_it_is_removed()
    {
        var (one, other) = (Socket(), Socket());
        var numbers = new[] { _table.Add(one), _table.Add(other) };

        _table.Remove(numbers[0]);

        Assert.That((_table.Find(numbers[0]), _table.Find(numbers[1]), _table.Count), Is.EqualTo(((ReactorSocket?)null, other, 1)));
    }

    [Test]
    public void A_number_of_a_socket_that_is_gone_does_not_find_the_next_one_in_its_slot()
    {
        var stale = new List<ulong>();
        for (var i = 0; i < 1_000; i++)
        {
            stale.Add(_table.Add(Socket()));
            _table.Remove(stale[^1]);
        }

        var socket = Socket();
        var number = _table.Add(socket);

        Assert.That(stale.Select(old => (uint)old), Is.All.EqualTo((uint)number), "It has the slot of all the others.");
        Assert.That(stale.Append(number), Is.Unique);
        Assert.That(stale.Select(_table.Find), Is.All.Null);
        Assert.That(_table.Find(number), Is.SameAs(socket));
    }

    [Test]
    public void Random_changes_leave_what_a_dictionary_has()
    {
        var (random, model) = (new Random(1), new Dictionary<ulong, ReactorSocket>());
        var gone = new List<ulong>();
        for (var i = 0; i < 5_000; i++)
        {
            if (random.Next(5) < 3 || model.Count == 0)
            {
                var socket = Socket();
                model.Add(_table.Add(socket), socket);
            }
            else
            {
                gone.Add(model.Keys.ElementAt(random.Next(model.Count)));
                model.Remove(gone[^1]);
                _table.Remove(gone[^1]);
            }
        }

        Assert.That(model.Keys.Select(_table.Find), Is.EqualTo(model.Values));
        Assert.That(gone.Select(_table.Find), Is.All.Null);
        Assert.That(_table.All(), Is.EquivalentTo(model.Values));
        Assert.That(_table.Count, Is.EqualTo(model.Count));
    }

    private static ReactorSocket Socket() => new(null!, -1);
}
