using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Identity;

internal sealed class PrincipalTests
{
    [TestCase("", true, false, false)]
    [TestCase("bob", false, true, false)]
    [TestCase("app:shop", false, false, true)]
    [TestCase("app", false, true, false)]
    [TestCase("App:shop", false, true, false)]
    public void A_principal_is_an_agent_an_app_or_anonymous(string name, bool anonymous, bool agent, bool app)
    {
        var principal = Principal.Of(name);

        Assert.That((principal.IsAnonymous, principal.IsAgent, principal.IsApp), Is.EqualTo((anonymous, agent, app)));
    }

    [TestCase("bob", "bob", true, false)]
    [TestCase("bob", "Bob", false, false)]
    [TestCase("app:bob", "bob", false, true)]
    [TestCase("app:bob", "app:bob", false, false)]
    [TestCase("", "", false, false)]
    public void An_agent_and_an_app_of_the_same_name_differ(string name, string asked, bool isAgent, bool isApp)
    {
        var principal = Principal.Of(name);

        Assert.That((principal.IsAgentNamed(asked), principal.IsAppNamed(asked)), Is.EqualTo((isAgent, isApp)));
    }

    [Test]
    public void The_anonymous_principal_has_an_empty_name_and_sends_as_anonymous()
    {
        Assert.That(Principal.Of(""), Is.SameAs(Principal.Anonymous));
        Assert.That(Principal.Anonymous.JsonName.Text(), Is.EqualTo("\"\""));
        Assert.That(Principal.Anonymous.JsonSender.Text(), Is.EqualTo("\"anonymous\""));
    }
}
