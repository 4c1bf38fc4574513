using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Tests.State;

internal sealed class RedisAddressTests
{
    [TestCase("redis://localhost", "localhost", 6379, 0, null, false)]
    [TestCase("redis://localhost/", "localhost", 6379, 0, null, false)]
    [TestCase("redis://10.0.0.7:6380/3", "10.0.0.7", 6380, 3, null, false)]
    [TestCase("redis://:pass@localhost", "localhost", 6379, 0, "pass", false)]
    [TestCase("redis://default:p%40ss%2F%3A@localhost/9999", "localhost", 6379, 9999, "p@ss/:", false)]
    [TestCase("rediss://redis.example:6390", "redis.example", 6390, 0, null, true)]
    [TestCase("redis://[::1]:6379", "::1", 6379, 0, null, false)]
    public void It_is_read_as_other_tools_read_it(string url, string host, int port, int database, string? password, bool usesTls)
    {
        var isAddress = RedisAddress.TryParse(url, out var address);

        Assert.That(isAddress, Is.True);
        Assert.That(
            (address!.Host, address.Port, address.Database, address.Password, address.UsesTls),
            Is.EqualTo((host, port, database, password, usesTls)));
    }

    [TestCase("redis://:hush@localhost/2", "localhost:6379/2")]
    [TestCase("redis://default:hush@[::1]:7000", "[::1]:7000/0")]
    public void Its_text_does_not_show_the_password(string url, string text)
    {
        var isAddress = RedisAddress.TryParse(url, out var address);

        Assert.That(isAddress, Is.True);
        Assert.That(address!.ToString(), Is.EqualTo(text));
        Assert.That(new BrokerOptions { Redis = address }.ToString(), Does.Contain(text).And.Not.Contains("hush"));
    }
}
