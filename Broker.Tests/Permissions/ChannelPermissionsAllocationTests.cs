using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Permissions;

internal sealed class ChannelPermissionsAllocationTests
{
    [TestCase("public.a", "bob")]
    [TestCase("agent.owner.open", "bob")]
    [TestCase("agent.owner.locked", "owner")]
    [TestCase("agent.owner.locked", "friend")]
    [TestCase("agent.owner.locked", "bob")]
    [TestCase("app.shop.agent.bob", "bob")]
    public async Task A_check_with_the_embedded_store_allocates_nothing(string name, string who)
    {
        using var folder = new TemporaryFolder();
        await using var store = folder.OpenStore();
        await store.LockAsync(TestChannel.Named("agent.owner.locked"));
        await store.GrantAsync(TestChannel.Named("agent.owner.locked"), "friend");
        var permissions = new ChannelPermissions(store);
        var principal = Principal.Of(who);
        var channel = TestChannel.Resolved(name);

        var subscribe = Allocations.PerCall(() => TakeNow(permissions.CanSubscribeAsync(principal, channel)));
        var publish = Allocations.PerCall(() => permissions.CanPublish(principal, channel));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(subscribe, Is.Zero);
            Assert.That(publish, Is.Zero);
        }
    }

    private static AccessRule TakeNow(ValueTask<AccessRule> answer) =>
        answer.IsCompletedSuccessfully ? answer.Result : throw new InvalidOperationException("The answer had to be awaited.");
}
