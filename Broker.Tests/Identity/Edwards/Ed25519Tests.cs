using System.Numerics;
using ClawEvents.Broker.Identity.Edwards;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Identity.Edwards;

/// <summary>Signatures of Ed25519, among them those of RFC 8032, section 7.1.</summary>
internal sealed class Ed25519Tests
{
    private const string Key = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    private const string Message = "72";
    private const string Signature = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

    private static readonly BigInteger Order = (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493", null);

    [TestCase("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "", "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [TestCase(Key, Message, Signature)]
    [TestCase("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82", "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    public void The_signatures_of_the_RFC_are_valid(string key, string message, string signature) => Assert.That(Verify(key, message, signature), Is.True);

    [Test]
    public void A_signature_made_by_openssl_is_valid() => Assert.That(
        Verify(
            "35af818fb0c5fdcfc9d26c19c7cb6bd5d8ecefbf1fb5ef9e67fe1fc18f11dabd",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            "46bf3adbd7950749a558c0a9ca1af6fb053315868b7209831003ca9820938a3b490a055c1049f42274f0202e2c261d77f2a02f7eb8cc65b98364fc30ddfcb70d"),
        Is.True);

    [Test]
    public void The_signer_of_the_tests_agrees_with_the_RFC()
    {
        Assert.That(Convert.ToHexStringLower(Ed25519Signer.PublicKey), Is.EqualTo("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
        Assert.That(Convert.ToHexStringLower(Ed25519Signer.Sign([])), Does.StartWith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb88215"));
    }

    [Test]
    public void A_signature_with_any_bit_changed_is_invalid()
    {
        var bytes = Convert.FromHexString(Signature);
        using (Assert.EnterMultipleScope())
        {
            for (var bit = 0; bit < bytes.Length * 8; bit++)
            {
                var changed = (byte[])bytes.Clone();
                changed[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.That(Verify(Key, Message, Convert.ToHexString(changed)), Is.False, $"bit {bit}");
            }
        }
    }

    [TestCase("73")]
    [TestCase("")]
    [TestCase("7200")]
    public void A_signature_of_another_message_is_invalid(string message) => Assert.That(Verify(Key, message, Signature), Is.False);

    [Test]
    public void A_signature_is_invalid_for_a_key_with_any_bit_changed()
    {
        var bytes = Convert.FromHexString(Key);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var changed = (byte[])bytes.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.That(Verify(Convert.ToHexString(changed), Message, Signature), Is.False, $"bit {bit}");
        }
    }

    [Test]
    public void The_same_signature_with_a_larger_number_is_invalid()
    {
        var bytes = Convert.FromHexString(Signature);
        var number = new BigInteger(bytes.AsSpan(32), isUnsigned: true) + Order;

        Assert.That(number.TryWriteBytes(bytes.AsSpan(32), out _, isUnsigned: true), Is.True);
        Assert.That(Verify(Key, Message, Convert.ToHexString(bytes)), Is.False);
    }

    [TestCase("")]
    [TestCase("00")]
    [TestCase(Signature + "00")]
    public void A_signature_of_another_length_is_invalid(string signature) => Assert.That(Verify(Key, Message, signature), Is.False);

    [TestCase("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [TestCase("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [TestCase("0200000000000000000000000000000000000000000000000000000000000000")]
    [TestCase("0100000000000000000000000000000000000000000000000000000000000080")]
    [TestCase("3d40")]
    public void A_key_that_is_not_a_point_is_invalid(string key) => Assert.That(Verify(key, Message, Signature), Is.False);

    [Test]
    public void Arithmetic_is_modulo_2_to_the_255_less_19()
    {
        var prime = (BigInteger.One << 255) - 19;
        var random = new Random(25519);
        BigInteger[] numbers = [0, 1, 18, 19, prime - 1, prime - 19, (BigInteger.One << 51) - 1, BigInteger.One << 204, .. Enumerable.Range(0, 50).Select(_ => Next(random, prime))];
        using (Assert.EnterMultipleScope())
        {
            foreach (var (x, y) in numbers.SelectMany(x => numbers.Select(y => (x, y))))
            {
                Assert.That(Value(Element(x) + Element(y)), Is.EqualTo((x + y) % prime));
                Assert.That(Value(Element(x) - Element(y)), Is.EqualTo((x - y + prime) % prime));
                Assert.That(Value(Element(x) * Element(y)), Is.EqualTo(x * y % prime));
            }

            foreach (var x in numbers.Where(x => !x.IsZero))
            {
                Assert.That(Value(Element(x).Inverse() * Element(x)), Is.EqualTo(BigInteger.One));
                Assert.That(Value(Element(x).RootPower()), Is.EqualTo(BigInteger.ModPow(x, (BigInteger.One << 252) - 3, prime)));
            }
        }
    }

    private static BigInteger Next(Random random, BigInteger below)
    {
        var bytes = new byte[32];
        random.NextBytes(bytes);
        return new BigInteger(bytes, isUnsigned: true) % below;
    }

    private static FieldElement Element(BigInteger number)
    {
        var bytes = new byte[32];
        number.TryWriteBytes(bytes, out _, isUnsigned: true);
        Assert.That(FieldElement.TryRead(bytes, out var element), Is.True);
        return element;
    }

    private static BigInteger Value(FieldElement element) => new(element.ToBytes(), isUnsigned: true);

    private static bool Verify(string key, string message, string signature) =>
        Ed25519.Verify(Convert.FromHexString(key), Convert.FromHexString(message), Convert.FromHexString(signature));
}
