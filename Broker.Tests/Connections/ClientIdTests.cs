using ClawEvents.Broker.Connections;

namespace ClawEvents.Broker.Tests.Connections;

public class ClientIdTests
{
    [Test]
    public void Ids_are_random_UUIDs()
    {
        var ids = Enumerable.Range(0, 1000).Select(_ => ClientId.New().ToString()).ToArray();

        Assert.Multiple(() =>
        {
            Assert.That(ids, Has.All.Match("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"));
            Assert.That(ids, Is.Unique);
        });
    }

    [Test]
    public void Threads_that_make_ids_at_once_make_no_id_twice()
    {
        var ids = new Guid[8][];

        Parallel.For(0, ids.Length, thread => ids[thread] = [.. Enumerable.Range(0, 1000).Select(_ => ClientId.New())]);

        Assert.That(ids.SelectMany(some => some), Is.Unique);
    }
}
