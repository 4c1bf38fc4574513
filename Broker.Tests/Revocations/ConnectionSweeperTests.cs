using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Revocations;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Revocations;

/// <summary>Connections whose token ends while they are being opened.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ConnectionSweeperTests : IDisposable
{
    private readonly PausingStateStore _store = new();
    private readonly BrokerRig _rig;

    public ConnectionSweeperTests() => _rig = new BrokerRig(store: _store);

    public void Dispose() => _rig.Dispose();

    [TestCase("""{"sub":"alice","iat":5,"channels":["agent.owner.x"]}""")]
    [TestCase("""{"sub":"alice","type":"apikey","channels":["agent.owner.x"]}""")]
    public async Task A_token_that_is_revoked_while_its_client_connects_ends_the_connection(string claims)
    {
        var token = TestToken.Of(claims);
        await _store.SetKeyHashAsync("alice", TokenIssuer.HashOf(token));
        var client = await BeginAsync(token);

        await _store.RevokeTokensAsync("alice", 7);
        await new ConnectionSweeper(_store, _rig.Connections).SweepAsync("alice");
        _store.Answer(ChannelAccess.Open);

        await Eventually.IsTrueAsync(() => client.Connection.IsClosing);
    }

    [Test]
    public async Task A_revocation_of_earlier_tokens_leaves_a_connecting_client_alone()
    {
        var client = await BeginAsync(TestToken.Of("""{"sub":"alice","iat":8,"channels":["agent.owner.x"]}"""));

        await _store.RevokeTokensAsync("alice", 7);
        _store.Answer(ChannelAccess.Open);

        await Eventually.IsTrueAsync(() => _rig.Connections.OfUser("alice").Count == 1);
        Assert.That(client.Connection.IsClosing, Is.False);
    }

    [Test]
    public async Task A_connection_with_a_token_ends_when_the_store_does_not_say_whether_it_still_counts()
    {
        var client = await BeginAsync(TestToken.Of("""{"sub":"alice","channels":["agent.owner.x"]}"""));
        _store.Answer(ChannelAccess.Open);
        await Eventually.IsTrueAsync(() => _rig.Connections.OfUser("alice").Count == 1);

        new ConnectionSweeper(_store, _rig.Connections).EndUnchecked("alice");

        await Eventually.IsTrueAsync(() => client.Connection.IsClosing);
    }

    // Stops where the store is asked about the channel of the token.
    private async Task<ClientLink> BeginAsync(string token)
    {
        var client = new ClientLink(_rig);
        client.Send("{\"id\":1,\"connect\":{\"token\":\"" + token + "\"}}");
        await Eventually.IsTrueAsync(() => _store.Questions == 1);
        return client;
    }
}
