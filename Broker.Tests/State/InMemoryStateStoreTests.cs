using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.State;

internal sealed class InMemoryStateStoreTests : StateStoreContract
{
    protected override IStateStore Create(TimeProvider time) => new InMemoryStateStore(time);
}

internal sealed class InMemoryStateStoreRateTests : StateStoreRateContract
{
    protected override IStateStore Create(TimeProvider time) => new InMemoryStateStore(time);
}

internal sealed class InMemoryStateStoreSignatureTests : StateStoreSignatureContract
{
    protected override IStateStore Create(TimeProvider time) => new InMemoryStateStore(time);
}

internal sealed class InMemoryStateStoreChallengeTests : StateStoreChallengeContract
{
    protected override IStateStore Create(TimeProvider time) => new InMemoryStateStore(time);
}

internal sealed class InMemoryStateStoreAdvertisementTests : StateStoreAdvertisementContract
{
    protected override IStateStore Create(TimeProvider time) => new InMemoryStateStore(time);
}

internal sealed class InMemoryStateStoreAppTests : StateStoreAppContract
{
    protected override IStateStore Create(TimeProvider time) => new InMemoryStateStore(time);
}

internal sealed class InMemoryStateStoreActivityTests : StateStoreActivityContract
{
    protected override IStateStore Create(TimeProvider time) => new InMemoryStateStore(time);
}

internal sealed class InMemoryStateStoreWebhookTests : StateStoreWebhookContract
{
    protected override IStateStore Create(TimeProvider time) => new InMemoryStateStore(time);
}
