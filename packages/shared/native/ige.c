/**
 * ige.c: AES-256-IGE with the processor's AES instructions (AES-NI on x86-64, the cryptographic extension on ARMv8), as an addon for
 * Node through its stable C API. Exports encrypt and decrypt, both (data, key, iv), which overwrite data; nothing if this processor has
 * no such instructions. IGE: y[i] = E(x[i] ^ y[i-1]) ^ x[i-1], where the iv is y[-1] followed by x[-1] (core.telegram.org/mtproto).
 */
#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ROUNDS 14
#define BLOCK 16

#if defined(__x86_64__) || defined(_M_X64)

#include <immintrin.h>
#define AES __attribute__((target("aes,sse2")))
typedef __m128i block;

static bool has_aes(void) { return __builtin_cpu_supports("aes"); }

AES static inline block load(const uint8_t *at) { return _mm_loadu_si128((const block *)at); }
AES static inline void store(uint8_t *at, block it) { _mm_storeu_si128((block *)at, it); }
AES static inline block xor(block a, block b) { return _mm_xor_si128(a, b); }
AES static inline block unmixed(block it) { return _mm_aesimc_si128(it); }

/** The S-box, applied to each byte of a word. */
AES static inline uint32_t substituted(uint32_t word) {
  return (uint32_t)_mm_cvtsi128_si32(_mm_aeskeygenassist_si128(_mm_set1_epi32((int)word), 0));
}

AES static inline block encrypted(block it, const block keys[ROUNDS + 1]) {
  it = xor(it, keys[0]);
  for (int round = 1; round < ROUNDS; round++) it = _mm_aesenc_si128(it, keys[round]);
  return _mm_aesenclast_si128(it, keys[ROUNDS]);
}

AES static inline block decrypted(block it, const block keys[ROUNDS + 1]) {
  it = xor(it, keys[0]);
  for (int round = 1; round < ROUNDS; round++) it = _mm_aesdec_si128(it, keys[round]);
  return _mm_aesdeclast_si128(it, keys[ROUNDS]);
}

#elif defined(__aarch64__)

#include <arm_neon.h>
#if defined(__clang__)
#define AES __attribute__((target("aes")))
#else
#define AES __attribute__((target("+crypto")))
#endif
typedef uint8x16_t block;

#if defined(__linux__)
#include <sys/auxv.h>
static bool has_aes(void) { return (getauxval(AT_HWCAP) & (1UL << 3)) != 0; } /* HWCAP_AES */
#else
static bool has_aes(void) { return true; } /* every 64-bit processor of Apple */
#endif

AES static inline block load(const uint8_t *at) { return vld1q_u8(at); }
AES static inline void store(uint8_t *at, block it) { vst1q_u8(at, it); }
AES static inline block xor(block a, block b) { return veorq_u8(a, b); }
AES static inline block unmixed(block it) { return vaesimcq_u8(it); }

/** The S-box, applied to each byte of a word. (Shifting rows changes nothing where all columns are the same.) */
AES static inline uint32_t substituted(uint32_t word) {
  block it = vaeseq_u8(vreinterpretq_u8_u32(vdupq_n_u32(word)), vdupq_n_u8(0));
  return vgetq_lane_u32(vreinterpretq_u32_u8(it), 0);
}

AES static inline block encrypted(block it, const block keys[ROUNDS + 1]) {
  for (int round = 0; round < ROUNDS - 1; round++) it = vaesmcq_u8(vaeseq_u8(it, keys[round]));
  return xor(vaeseq_u8(it, keys[ROUNDS - 1]), keys[ROUNDS]);
}

AES static inline block decrypted(block it, const block keys[ROUNDS + 1]) {
  for (int round = 0; round < ROUNDS - 1; round++) it = vaesimcq_u8(vaesdq_u8(it, keys[round]));
  return xor(vaesdq_u8(it, keys[ROUNDS - 1]), keys[ROUNDS]);
}

#else
#error "no AES instructions are known for this processor"
#endif

static inline uint32_t rotated(uint32_t word) { return word >> 8 | word << 24; }

/** The round keys of AES-256 (FIPS 197, 5.2), each word with its first byte lowest. */
AES static void expand(const uint8_t key[32], block keys[ROUNDS + 1]) {
  uint32_t words[4 * (ROUNDS + 1)];
  uint32_t constant = 1;
  memcpy(words, key, 32);
  for (int at = 8; at < 4 * (ROUNDS + 1); at++) {
    uint32_t word = words[at - 1];
    if (at % 8 == 0) {
      word = substituted(rotated(word)) ^ constant;
      constant <<= 1;
    } else if (at % 8 == 4) word = substituted(word);
    words[at] = words[at - 8] ^ word;
  }
  for (int round = 0; round <= ROUNDS; round++) keys[round] = load((const uint8_t *)(words + 4 * round));
}

AES static void encrypt(uint8_t *data, size_t length, const uint8_t *key, const uint8_t *iv) {
  block keys[ROUNDS + 1];
  expand(key, keys);
  block y = load(iv), x = load(iv + BLOCK);
  for (uint8_t *end = data + length; data < end; data += BLOCK) {
    block plain = load(data);
    y = xor(encrypted(xor(plain, y), keys), x);
    x = plain;
    store(data, y);
  }
}

AES static void decrypt(uint8_t *data, size_t length, const uint8_t *key, const uint8_t *iv) {
  block keys[ROUNDS + 1], inverse[ROUNDS + 1];
  expand(key, keys);
  inverse[0] = keys[ROUNDS];
  for (int round = 1; round < ROUNDS; round++) inverse[round] = unmixed(keys[ROUNDS - round]);
  inverse[ROUNDS] = keys[0];
  block y = load(iv), x = load(iv + BLOCK);
  for (uint8_t *end = data + length; data < end; data += BLOCK) {
    block sealed = load(data);
    x = xor(decrypted(xor(sealed, x), inverse), y);
    y = sealed;
    store(data, x);
  }
}

typedef void ige(uint8_t *data, size_t length, const uint8_t *key, const uint8_t *iv);

/** Reads an argument, a Uint8Array. */
static bool bytes_of(napi_env env, napi_value value, uint8_t **bytes, size_t *length) {
  napi_typedarray_type type;
  bool is_typed = false;
  if (napi_is_typedarray(env, value, &is_typed) != napi_ok || !is_typed) return false;
  if (napi_get_typedarray_info(env, value, &type, length, (void **)bytes, NULL, NULL) != napi_ok) return false;
  return type == napi_uint8_array;
}

static napi_value run(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  size_t count = 3;
  void *work;
  uint8_t *data, *key, *iv;
  size_t length, key_length, iv_length;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, &work) != napi_ok) return NULL;
  if (count < 3 || !bytes_of(env, arguments[0], &data, &length) || !bytes_of(env, arguments[1], &key, &key_length) ||
      !bytes_of(env, arguments[2], &iv, &iv_length)) {
    napi_throw_type_error(env, NULL, "expected three Uint8Arrays: data, key, iv");
    return NULL;
  }
  if (length % BLOCK != 0 || key_length != 32 || iv_length != 32) {
    napi_throw_range_error(env, NULL, "expected data of whole blocks of 16 bytes, a key of 32 and an iv of 32");
    return NULL;
  }
  ((ige *)work)(data, length, key, iv);
  return NULL;
}

static void export(napi_env env, napi_value exports, const char *name, ige *work) {
  napi_value function;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, run, (void *)work, &function) == napi_ok)
    napi_set_named_property(env, exports, name, function);
}

NAPI_MODULE_INIT() {
  if (has_aes()) {
    export(env, exports, "encrypt", encrypt);
    export(env, exports, "decrypt", decrypt);
  }
  return exports;
}
