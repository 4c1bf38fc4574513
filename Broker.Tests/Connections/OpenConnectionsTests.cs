using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Connections;

internal sealed class OpenConnectionsTests : IDisposable
{
    private readonly BrokerRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Test]
    public void Connections_are_found_by_user_while_they_are_open()
    {
        var (one, other, stranger) = (Connected("bob"), Connected("bob"), Connected("alice"));

        var both = _rig.Connections.OfUser("bob");
        one.Hang();
        var left = _rig.Connections.OfUser("bob");
        other.Hang();

        Assert.That(both, Is.EquivalentTo(new[] { one.Connection, other.Connection }));
        Assert.That(left, Is.EqualTo(new[] { other.Connection }));
        Assert.That((_rig.Connections.OfUser("bob"), _rig.Connections.CountOfUser("bob"), _rig.Connections.CountOfUser("alice")), Is.EqualTo((Array.Empty<object>(), 0, 1)));
        Assert.That(_rig.Connections.OfUser("alice"), Is.EqualTo(new[] { stranger.Connection }));
    }

    [Test]
    public void Anonymous_connections_are_found_together()
    {
        Connected("bob");
        var anonymous = new[] { new ClientLink(_rig).Connected(), new ClientLink(_rig).Connected() };
        _ = new ClientLink(_rig);

        Assert.That(_rig.Connections.OfUser(""), Is.EquivalentTo(anonymous.Select(link => link.Connection)));
        Assert.That(_rig.Connections.All(), Has.Count.EqualTo(3));
    }

    [Test]
    public void A_connection_is_found_by_the_id_in_its_connect_reply()
    {
        var links = new[] { new ClientLink(_rig).Connected(), Connected("bob"), Connected("bob") };

        Assert.That(links.Select(link => _rig.Connections.Find(link.Connection.Id)), Is.EqualTo(links.Select(link => link.Connection)));
        Assert.That(_rig.Connections.Find(Guid.NewGuid()), Is.Null);
    }

    [Test]
    public void A_refused_connection_is_not_found()
    {
        var link = new ClientLink(_rig);
        link.Ask($"{{\"id\":1,\"connect\":{{\"token\":\"{TestToken.Of("{\"sub\":\"bob\",\"channels\":[\"nowhere:a\"]}")}\"}}}}");

        Assert.That(_rig.Connections.OfUser("bob"), Is.Empty);
        link.Hang();
        Assert.That(_rig.Connections.CountOfUser("bob"), Is.Zero);
    }

    [Test]
    public void Connections_that_come_and_go_concurrently_leave_nothing_behind()
    {
        Parallel.For(0, 200, i => Connected($"user{i % 7}").Hang());

        Assert.That(Enumerable.Range(0, 7).Sum(i => _rig.Connections.CountOfUser($"user{i}")), Is.Zero);
    }

    private ClientLink Connected(string user) => new ClientLink(_rig).Connected(TestToken.Of($"{{\"sub\":\"{user}\"}}"));
}
