// What a JavaScript program does with the AWS SDK: it finds endpoint, credentials and Region in its environment.
import { readFileSync } from "node:fs";
import { CloudHSMV2Client, DescribeClustersCommand, TagResourceCommand } from "@aws-sdk/client-cloudhsm-v2";
import {
  CreateCustomKeyStoreCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GetPublicKeyCommand,
  KMSClient,
  NotFoundException,
  paginateListKeys,
  SignCommand,
  VerifyCommand,
} from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const kms = new KMSClient();
const told = {};

// The newest of its releases that every registry has is older than AWS_ENDPOINT_URL.
const cloudhsm = new CloudHSMV2Client({ endpoint: process.env.AWS_ENDPOINT_URL });
const { Clusters } = await cloudhsm.send(new DescribeClustersCommand({}));
const [{ ClusterId }] = Clusters;
await cloudhsm.send(
  new TagResourceCommand({ ResourceId: ClusterId, TagList: [{ Key: "from", Value: "JavaScript" }] }),
);

const { CustomKeyStoreId } = await kms.send(
  new CreateCustomKeyStoreCommand({
    CustomKeyStoreName: "from JavaScript",
    CloudHsmClusterId: ClusterId,
    KeyStorePassword: "kmsPswd123",
    TrustAnchorCertificate: readFileSync(process.argv[2], "utf8"),
  }),
);
const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Origin: "AWS_CLOUDHSM", CustomKeyStoreId }));
told.key = KeyMetadata.KeyId;
told.created = KeyMetadata.CreationDate.getTime() / 1000;

const { CiphertextBlob } = await kms.send(
  new EncryptCommand({ KeyId: told.key, Plaintext: new TextEncoder().encode("secret") }),
);
const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }));
told.decrypted = new TextDecoder().decode(Plaintext);

const pair = await kms.send(new CreateKeyCommand({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" }));
const signing = {
  KeyId: pair.KeyMetadata.KeyId,
  Message: new TextEncoder().encode("the contract"),
  SigningAlgorithm: "ECDSA_SHA_256",
};
const { Signature } = await kms.send(new SignCommand(signing));
const { SignatureValid } = await kms.send(new VerifyCommand({ ...signing, Signature }));
const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: pair.KeyMetadata.KeyId }));
if (!SignatureValid || PublicKey.length !== 91) throw new Error("the signature or the public key is not good");

await kms.send(new CreateKeyCommand({ Description: "a third one" }));
told.keys = 0;
for await (const page of paginateListKeys({ client: kms, pageSize: 1 }, {})) told.keys += page.Keys.length;

try {
  await kms.send(new DescribeKeyCommand({ KeyId: "alias/missing" }));
} catch (error) {
  told.missing = error instanceof NotFoundException ? error.name : String(error);
}
told.account = (await new STSClient().send(new GetCallerIdentityCommand())).Account;

console.log(JSON.stringify(told));
