using System.Numerics;
using ClawEvents.Broker.Identity.KeySets;
using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Tests.Identity.KeySets;

/// <summary>Signatures of Ed25519 by a published key, among them those of RFC 8032, section 7.1.</summary>
internal sealed class Ed25519KeyTests
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
    public void A_signature_or_key_with_any_bit_changed_is_invalid()
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (var changed in WithOneBitChanged(Signature))
            {
                Assert.That(Verify(Key, Message, changed), Is.False, changed);
            }

            foreach (var changed in WithOneBitChanged(Key))
            {
                Assert.That(Verify(changed, Message, Signature), Is.False, changed);
            }
        }
    }

    [TestCase("73")]
    [TestCase("")]
    [TestCase("7200")]
    public void A_signature_of_another_message_is_invalid(string message) => Assert.That(Verify(Key, message, Signature), Is.False);

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

    // The last one is of small order: with it one signature would be valid for any message.
    [TestCase("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [TestCase("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [TestCase("0200000000000000000000000000000000000000000000000000000000000000")]
    [TestCase("0100000000000000000000000000000000000000000000000000000000000080")]
    [TestCase("0100000000000000000000000000000000000000000000000000000000000000")]
    public void Nothing_is_signed_by_a_key_that_is_not_a_good_point(string key)
    {
        Assert.That(Verify(key, Message, Signature), Is.False);
        Assert.That(Verify(key, Message, "01" + new string('0', 126)), Is.False);
    }

    [TestCase("OKP", "Ed25519", "3d40")]
    [TestCase("OKP", "Ed25519", Key + "00")]
    [TestCase("OKP", "Ed448", Key)]
    [TestCase("EC", "Ed25519", Key)]
    public void A_key_of_another_kind_or_length_is_ignored(string type, string curve, string key) =>
        Assert.That(Ed25519Key.Of(new JsonWebKey { Kty = type, Crv = curve, X = Base64UrlEncoder.Encode(Convert.FromHexString(key)) }), Is.Null);

    [Test]
    public void A_key_that_is_not_base64url_is_ignored() => Assert.That(Ed25519Key.Of(new JsonWebKey { Kty = "OKP", Crv = "Ed25519", X = "!" }), Is.Null);

    private static IEnumerable<string> WithOneBitChanged(string hexadecimal)
    {
        var bytes = Convert.FromHexString(hexadecimal);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var changed = (byte[])bytes.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            yield return Convert.ToHexString(changed);
        }
    }

    private static bool Verify(string key, string message, string signature)
    {
        var published = Ed25519Key.Of(new JsonWebKey { Kty = "OKP", Crv = "Ed25519", X = Base64UrlEncoder.Encode(Convert.FromHexString(key)) })!;
        var verifier = published.CryptoProviderFactory.CreateForVerifying(published, Ed25519Key.Name);
        return verifier.Verify(Convert.FromHexString(message), Convert.FromHexString(signature));
    }
}
