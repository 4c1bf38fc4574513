using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.Tests.Identity;

internal sealed class AgentNameTests
{
    [TestCase("a")]
    [TestCase("researcher-2_B")]
    [TestCase("test@user#123+x")]
    [TestCase("Anonymous")]
    [TestCase("app")]
    public void A_name_of_letters_digits_and_a_few_signs_is_valid(string name)
    {
        Assert.That(AgentName.IsValid(name), Is.True);
    }

    [TestCase("")]
    [TestCase("anonymous")]
    [TestCase("a.b")]
    [TestCase("app:x")]
    [TestCase("a b")]
    [TestCase("a*")]
    [TestCase("a\n")]
    [TestCase("é")]
    [TestCase("a/b")]
    [TestCase("\"")]
    public void A_name_that_could_mean_something_else_is_invalid(string name)
    {
        Assert.That(AgentName.IsValid(name), Is.False);
    }

    [TestCase(64, true)]
    [TestCase(65, false)]
    public void A_name_has_at_most_64_characters(int length, bool expected)
    {
        Assert.That(AgentName.IsValid(new string('a', length)), Is.EqualTo(expected));
    }
}
